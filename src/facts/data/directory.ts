import { sh } from '../../shell/command.ts';
import { type Fact, NOTHING, properties } from '../fact.ts';

/** A directory of ours as it is. */
export interface DirectoryFact {
  readonly mode: number;
  /** `user:group` */
  readonly owner: string;
  readonly entries: readonly string[];
}

/** A directory, or undefined where there is none, or none is meant. */
export const directoryFact = (path: string | undefined): Fact<DirectoryFact | undefined> => ({
  ask:
    path === undefined
      ? NOTHING
      : sh`[ -d ${path} ] || exit 0
stat -L -c 'mode=%a
owner=%U:%G' ${path}
find ${path}/ -mindepth 1 -maxdepth 1 -printf 'entry.%f=\\n' | head -n 20`,
  read: ({ stdout }) => readDirectory(properties(stdout)),
});

/** A directory by what was told of it under these keys; undefined where there is none. */
export function readDirectory(
  found: ReadonlyMap<string, string>,
  prefix = '',
): DirectoryFact | undefined {
  const mode = found.get(`${prefix}mode`);
  if (mode === undefined) return undefined;
  return {
    mode: Number.parseInt(mode, 8),
    owner: found.get(`${prefix}owner`) ?? '',
    entries: entriesIn(found, prefix),
  };
}

/** The names that were told as `entry.NAME=`. */
export function entriesIn(found: ReadonlyMap<string, string>, prefix = ''): readonly string[] {
  const start = `${prefix}entry.`;
  return [...found.keys()].flatMap((key) =>
    key.startsWith(start) ? [key.slice(start.length)] : [],
  );
}
