import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';

/**
 * Gives the directory a name with the time in it, and deletes nothing. A mount point cannot be renamed: there the contents
 * move into a directory aside-<time> on the same file system. Throws a HostError when the host does not do it.
 */
export async function moveAside(host: Host, path: string): Promise<void> {
  await must(
    host,
    `move ${path} aside`,
    sh`set -eu
[ -e ${path} ] || exit 0
now=$(date -u +%Y%m%dT%H%M%SZ)
mountpoint -q ${path} || { mv -T ${path} ${path}.aside-$now; sync ${path}.aside-$now; exit 0; }
mkdir -p ${path}/aside-$now
find ${path} -mindepth 1 -maxdepth 1 ! -name lost+found ! -name 'aside-*' -exec mv -t ${path}/aside-$now '{}' +
sync ${path}`,
    { deadline: 120 },
  );
}
