/** The Debian releases a lab host can run: systemd 247, 252 and 257. */
export const DEBIANS = ['bullseye', 'bookworm', 'trixie'] as const;

export type Debian = (typeof DEBIANS)[number];
