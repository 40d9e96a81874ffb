import { type Fact, properties } from '../facts/fact.ts';
import { sh } from '../shell/command.ts';

/** The file system a directory is or will be on. */
export interface Disk {
  /** The nearest directory that exists. */
  readonly directory: string;
  readonly mount: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly freeBytes: number;
}

/** The disk under a directory that need not exist yet. */
export const diskFact = (directory: string): Fact<Disk> => ({
  ask: sh`d=${directory}
while [ ! -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
echo "directory=$d"
findmnt --noheadings --first-only --output=TARGET --target "$d" | sed s/^/mount=/
findmnt --noheadings --first-only --output=SOURCE --target "$d" | sed s/^/source=/
findmnt --noheadings --first-only --output=FSTYPE --target "$d" | sed s/^/type=/
findmnt --noheadings --first-only --output=OPTIONS --target "$d" | sed s/^/options=/
stat -f -c 'blocks=%a
size=%S' "$d"`,
  read({ stdout }) {
    const found = properties(stdout);
    return {
      directory: found.get('directory') ?? '/',
      mount: found.get('mount') ?? '/',
      source: found.get('source') ?? 'unknown',
      type: found.get('type') ?? 'unknown',
      options: found.get('options')?.split(',') ?? [],
      freeBytes: Number(found.get('blocks') ?? 0) * Number(found.get('size') ?? 0),
    };
  },
});
