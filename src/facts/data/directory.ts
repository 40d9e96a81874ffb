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
  read({ stdout }) {
    const found = properties(stdout);
    if (!found.has('mode')) return undefined;
    return {
      mode: Number.parseInt(found.get('mode') ?? '0', 8),
      owner: found.get('owner') ?? '',
      entries: entriesIn(found),
    };
  },
});

/** The names that were told as `entry.NAME=`. */
export function entriesIn(found: ReadonlyMap<string, string>): readonly string[] {
  return [...found.keys()].flatMap((key) => (key.startsWith('entry.') ? [key.slice(6)] : []));
}
