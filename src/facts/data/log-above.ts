import type { DesiredPaths } from '../../desired/cluster.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, NOTHING, properties } from '../fact.ts';

/** What decides whether etcd can make a log in a directory that is itself that of the log. */
export interface LogAboveFact {
  /** Mode and `user:group` of the directory around it, where the new log gets its name; undefined where that is missing. */
  readonly around: { readonly mode: number; readonly owner: string } | undefined;
  /** A mount point takes no other name, and none takes its name. */
  readonly isMountPoint: boolean;
}

/** Asks about the place of a log; undefined where the directory around it is ours or the data directory. */
export const logAboveFact = ({
  wal,
  walAbove,
}: Pick<DesiredPaths, 'wal' | 'walAbove'>): Fact<LogAboveFact | undefined> => ({
  ask:
    walAbove === undefined
      ? NOTHING
      : sh`echo asked=yes
if mountpoint -q ${wal}; then echo mount=yes; fi
[ ! -d ${walAbove} ] || stat -L -c ${'mode=%a\nowner=%U:%G'} ${walAbove}`,
  read({ stdout }) {
    const found = properties(stdout);
    if (!found.has('asked')) return undefined;
    const mode = found.get('mode');
    return {
      around:
        mode === undefined
          ? undefined
          : { mode: Number.parseInt(mode, 8), owner: found.get('owner') ?? '' },
      isMountPoint: found.get('mount') === 'yes',
    };
  },
});
