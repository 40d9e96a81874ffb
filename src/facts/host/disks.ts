import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** Whether a directory, which need not exist yet, can take files. */
export interface DiskSpace {
  readonly path: string;
  readonly writable: boolean;
  /** Bytes free for those who are not root. */
  readonly bytes: number;
  /** Files that still fit; undefined where the file system does not count them. */
  readonly inodes: number | undefined;
  /** By which two paths on one file system are known; absent where it has none. */
  readonly fileSystem?: string;
  /** What lies there ends with the next reboot. */
  readonly isMemory?: true;
}

/** What there is for each path, in their order; nothing for a path the host says nothing of. Writes nothing. */
export const disksFact = (paths: readonly string[]): Fact<readonly DiskSpace[]> => ({
  ask: lines([
    sh`look() {
  d=$1
  while [ ! -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
  write=no; [ ! -w "$d" ] || write=yes
  echo "at|$1|$write|$d"
  case $found in *"|$d|"*) ;; *) found="$found$d|" ;; esac
}
found='|'`,
    ...[...new Set(paths)].map((path) => sh`look ${path}`),
    sh`set -f; IFS='|'; set -- $found; shift; [ $# -eq 0 ] || stat -f -c 'of|%n|%a|%S|%d|%c|%i|%T' "$@"`,
  ]),
  read: ({ stdout }) => {
    const rows = stdout.split('\n').map((line) => line.split('|'));
    const sizes = new Map(
      rows.flatMap(([kind, at = '', ...rest]) => (kind === 'of' ? [[at, rest]] : [])),
    );
    return rows.flatMap(([kind, path = '', write, directory = '']) => {
      const [blocks, size, free, all, id = '', type = ''] = sizes.get(directory) ?? [];
      const bytes = Number(blocks) * Number(size);
      if (kind !== 'at' || Number.isNaN(bytes)) return [];
      return [
        {
          path,
          writable: write === 'yes',
          bytes,
          // btrfs and others make them as they are needed.
          inodes: Number(all) === 0 ? undefined : Number(free),
          ...(!/^0*$/.test(id) && { fileSystem: id }),
          ...(['tmpfs', 'ramfs'].includes(type) && { isMemory: true }),
        },
      ];
    });
  },
});
