import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';

/**
 * Gives the directory a name with the time in it, and deletes nothing. A mount point cannot be renamed: there the contents
 * move into a directory aside-<time> on the same file system. Directories of its log go first, under the same time: without
 * a log no member starts. Throws a HostError when the host does not do it.
 */
export async function moveAside(
  host: Host,
  path: string,
  logs: readonly string[] = [],
): Promise<void> {
  const paths = [...logs, path];
  await must(
    host,
    `move ${paths.join(' and ')} aside`,
    sh`set -eu
now=$(date -u +%Y%m%dT%H%M%SZ)
for path in ${paths}; do
  [ -e "$path" ] || continue
  if ! mountpoint -q "$path"; then mv -T "$path" "$path.aside-$now"; sync "$path.aside-$now"; continue; fi
  mkdir -p "$path/aside-$now"
  find "$path" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name 'aside-*' -exec mv -t "$path/aside-$now" '{}' +
  sync "$path"
done`,
    { deadline: 120 },
  );
}
