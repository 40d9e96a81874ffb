import { sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** Bytes free for a directory, which need not exist yet; undefined where the host does not say. */
export const freeSpaceFact = (directory: string): Fact<number | undefined> => ({
  ask: sh`d=${directory}
while [ ! -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
stat -f -c '%a %S' "$d"`,
  read({ stdout }) {
    const [blocks, size] = stdout.trim().split(' ').map(Number);
    return blocks === undefined || size === undefined || Number.isNaN(blocks * size)
      ? undefined
      : blocks * size;
  },
});
