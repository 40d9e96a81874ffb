import type { DesiredCluster } from '../../desired/cluster.ts';
import { askRestore } from '../../facts/data/restore.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { unfinishedRestores } from '../../plan/restoring/unfinished-restore.ts';
import type { Problem } from '../../problem/problem.ts';
import { askEachMember } from '../../run/observe-hosts.ts';

/** Asks the hosts that answer for restores, or switches by a snapshot, that were begun and not finished. */
export async function askUnfinished(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Problem[]> {
  // A host that cannot be asked is told of by what needs it.
  const found = await askEachMember({ desired, hosts, needs: 'any-host' }, (host) =>
    askRestore(host, desired),
  );
  return unfinishedRestores(
    desired,
    [...found].map(([member, { intent, placed }]) => ({
      ...{ member, intent },
      clusterId: placed?.clusterId,
    })),
  );
}

/** Throws a Failure (refused) where a restore is not finished: what is begun beside it, it would undo. */
export async function refuseBesideRestore(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const found = await askUnfinished(desired, hosts);
  const [first] = found;
  if (first === undefined) return;
  const sentence = found.map((one) => one.sentence).join('; ');
  throw new Failure('refused', sentence, { next: first.next });
}
