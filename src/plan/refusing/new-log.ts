import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { LogAboveFact } from '../../facts/data/log-above.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';

/**
 * Why members that have no log cannot begin one. etcd makes it beside its place and moves it there (wal.Create), so that
 * the directory around must be its own, and the place no mount point.
 */
export function newLogRefusals(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  isMeant: (member: string) => boolean,
): readonly Refusal[] {
  const { wal, walAbove, walKey } = cluster.paths;
  if (walAbove === undefined) return [];
  return seenMembers(cluster, facts).flatMap(({ name, found }) => {
    const { data, unit, logAbove } = found;
    if (!isMeant(name) || data?.hasLog === true || unit.pid > 0) return [];
    const why = whyNot(cluster, logAbove);
    if (why === undefined) return [];
    return [
      {
        kind: 'no-new-log',
        about: [name],
        sentence: `${name}: etcd could not begin a log in ${wal} (${walKey}): ${why}`,
        next: [
          remedy`name a directory around the log as etcd.paths.wal in ${INVENTORY}, in the place of ${walKey}: etcd makes its logs in that, and up moves those of other members there`,
          ...(logAbove?.isMountPoint !== true
            ? [
                remedy`or, if nothing else of that host needs ${walAbove} as it is, on ${name}: chown ${cluster.account}: ${quote(walAbove)}`,
              ]
            : []),
        ],
      },
    ];
  });
}

function whyNot(
  { account, paths: { walAbove } }: DesiredCluster,
  found: LogAboveFact | undefined,
): string | undefined {
  if (found?.isMountPoint === true) return 'it is a mount point, and a log gets its name last';
  // One that is missing is made for the account.
  if (found?.around === undefined || mayWrite(found.around, account)) return undefined;
  return `it makes it in ${walAbove} and gives it its name there, which belongs to ${found.around.owner}, and etcd runs as ${account}`;
}

function mayWrite({ mode, owner }: { mode: number; owner: string }, account: string): boolean {
  const [user, group] = owner.split(':');
  if (user === account) return (mode & 0o300) === 0o300;
  if (group === account) return (mode & 0o030) === 0o030;
  return (mode & 0o003) === 0o003;
}
