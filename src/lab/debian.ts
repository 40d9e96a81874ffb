/** The Debian releases a lab host can run: systemd 247, 252 and 257. */
export const DEBIANS = ['bullseye', 'bookworm', 'trixie'] as const;

export type Debian = (typeof DEBIANS)[number];

/** The versions of etcd that the releases of Debian have. */
export const RELEASED = ['3.3.25', '3.4.23', '3.5.16'] as const;

/** What sid has had longest, for labs that do not ask for a version. */
export const LAB_VERSION = '3.5.30';
