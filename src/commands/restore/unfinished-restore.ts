import type { DesiredCluster } from '../../desired/cluster.ts';
import { askRestore } from '../../facts/data/restore.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { unfinishedRestores } from '../../plan/restoring/unfinished-restore.ts';
import type { Problem } from '../../problem/problem.ts';

/** Asks the hosts that answer for restores, or switches by a snapshot, that were begun and not finished. */
export async function askUnfinished(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Problem[]> {
  const found = await Promise.all(
    desired.members.map(async ({ name: member }) => {
      const host = hosts.get(member);
      const fact = host && (await askRestore(host, desired).catch(passOverFailure));
      return fact === undefined
        ? []
        : [{ member, intent: fact.intent, clusterId: fact.placed?.clusterId }];
    }),
  );
  return unfinishedRestores(desired, found.flat());
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

// A host that cannot be asked is told of by what needs it.
function passOverFailure(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
