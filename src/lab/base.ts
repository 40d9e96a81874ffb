import { createHash } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sh } from '../shell/command.ts';
import type { Debian } from './debian.ts';
import { deleteTree } from './delete-tree.ts';
import { exists } from './exists.ts';
import { must } from './local-command.ts';
import { locked } from './lock.ts';
import { debianMirror } from './mirror.ts';
import { labHome } from './paths.ts';
import type { Say } from './preflight.ts';
import { withPrivateApt } from './private-apt.ts';
import { labNames, readRecord } from './record.ts';

const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'ca-certificates'],
  ...['sudo', 'procps', 'nftables', 'e2fsprogs'],
  // Login shells and a second way to root that real hosts surprise us with.
  ...['fish', 'tcsh', 'zsh'],
];
const DOAS: Readonly<Record<Debian, string>> = {
  bullseye: 'doas',
  bookworm: 'opendoas',
  trixie: 'opendoas',
};

// Debian's own builds of etcd 3.4 and 3.5 need glibc 2.34; the official, static ones would not.
const LIBC_FROM: Partial<Readonly<Record<Debian, string>>> = { bullseye: 'bookworm' };

// They only make noise, or need a terminal or a network of their own.
const MASKED = ['getty@', 'console-getty', 'systemd-resolved', 'systemd-timesyncd'];

// Host keys in a base would be everybody's; an empty machine-id is filled in for each host.
// `ops` is the user of the many machines where root may not log in.
const CUSTOMISE = `set -eu
rm -f "$1"/etc/ssh/ssh_host_*
: > "$1"/etc/machine-id
for unit in ${MASKED.join(' ')}; do ln -sf /dev/null "$1/etc/systemd/system/$unit.service"; done
chroot "$1" useradd --create-home --uid 1000 --shell /bin/bash ops
echo 'ops ALL=(ALL) NOPASSWD: ALL' > "$1"/etc/sudoers.d/ops
chmod 0440 "$1"/etc/sudoers.d/ops
`;

const OPTIONS = [
  ...['--quiet', '--variant=minbase', '--mode=root', `--customize-hook=${CUSTOMISE}`],
  ...['--dpkgopt=force-unsafe-io', '--dpkgopt=path-exclude=/usr/share/doc/*'],
  ...['--dpkgopt=path-exclude=/usr/share/man/*', '--dpkgopt=path-exclude=/usr/share/locale/*'],
];

/** The read-only root that all hosts of this Debian share; built once and kept. Returns its directory. */
export async function ensureBase(debian: Debian, say: Say): Promise<string> {
  const include = `--include=${[...PACKAGES, DOAS[debian]].join(',')}`;
  const recipe = [...OPTIONS, include].join('\n') + (LIBC_FROM[debian] ?? '');
  const version = createHash('sha256').update(recipe).digest('hex').slice(0, 8);
  const bases = join(labHome(), 'base');
  const base = join(bases, `${debian}-${version}`);
  if (await exists(base)) return base;
  return locked(`base-${debian}`, async () => {
    if (await exists(base)) return base;
    say(`building the ${debian} base, once: about half a minute`);
    await mkdir(bases, { recursive: true });
    await deleteTree(`${base}.new`);
    const mirror = await debianMirror();
    await withLibc(debian, async (libc) => {
      const args = [...OPTIONS, ...libc, include, debian, `${base}.new`, mirror];
      await must(`build the ${debian} base`, 'mmdebstrap', args, { deadline: 900 });
    });
    await rename(`${base}.new`, base);
    await deleteOthers(debian, base);
    return base;
  });
}

// Bases of older recipes are 300 MB each; those that a lab stands on stay.
async function deleteOthers(debian: Debian, base: string): Promise<void> {
  const labs = await Promise.all((await labNames()).map(readRecord));
  const used = new Set([base, ...labs.map((lab) => lab?.base)]);
  for (const entry of await readdir(dirname(base))) {
    const other = join(dirname(base), entry);
    if (entry.startsWith(`${debian}-`) && !used.has(other)) await deleteTree(other);
  }
}

/** Calls the work with the mmdebstrap options that bring another libc, where this Debian needs one. */
async function withLibc(
  debian: Debian,
  work: (options: readonly string[]) => Promise<void>,
): Promise<void> {
  const suite = LIBC_FROM[debian];
  if (suite === undefined) return work([]);
  return withPrivateApt([suite], async (apt) => {
    const [deb = ''] = await apt.download((await apt.offers(['libc6'])).slice(0, 1));
    const install = sh`cp ${deb} "$1"/libc6.deb
DEBIAN_FRONTEND=noninteractive chroot "$1" dpkg --install /libc6.deb
rm "$1"/libc6.deb`;
    await work([`--customize-hook=set -e; ${install.text}`]);
  });
}
