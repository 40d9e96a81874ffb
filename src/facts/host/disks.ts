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
}

/** What there is for each path, in their order; nothing for a path the host says nothing of. Writes nothing. */
export const disksFact = (paths: readonly string[]): Fact<readonly DiskSpace[]> => ({
  ask: lines([
    sh`look() {
  d=$1
  while [ ! -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
  write=no; [ ! -w "$d" ] || write=yes
  echo "$1|$write|$(stat -f -c '%a|%S|%d|%c' "$d")"
}`,
    ...[...new Set(paths)].map((path) => sh`look ${path}`),
  ]),
  read: ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const [path = '', write, blocks, size, free, all] = line.split('|');
      const bytes = Number(blocks) * Number(size);
      if (path === '' || size === undefined || Number.isNaN(bytes)) return [];
      return [
        {
          path,
          writable: write === 'yes',
          bytes,
          // btrfs and others make them as they are needed.
          inodes: Number(all) === 0 ? undefined : Number(free),
        },
      ];
    }),
});
