import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { askHashes, differenceOf } from '../facts/etcd/hashes.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { allFound, foundOf } from '../observed/found.ts';
import { INVENTORY, type Offered, provision, remedy } from '../problem/remedy.ts';

/**
 * Makes sure all members that answer hold the same keys and values at one revision. Throws a Failure (refused) that names
 * the hashes when they differ, or one where they cannot be compared.
 */
export async function refuseUnequalHashes(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  { members }: ClusterFacts,
): Promise<void> {
  const answering = [...hosts.values()].filter(
    ({ name }) => foundOf({ members }, name)?.etcd.healthy,
  );
  if (answering.length === 0) return;
  const revisions = allFound({ members }).flatMap(({ etcd }) => etcd.status?.revision ?? []);
  const revision = Math.min(...revisions);
  const difference = differenceOf(await askHashes(desired, answering, revision), revision);
  if (difference === undefined) return;
  throw new Failure('refused', `${desired.name}: ${difference}`, {
    next: keepEach(answering.map(({ name }) => name)),
  });
}

/**
 * What to do before anything else where members differ. A majority is not the truth: a member that came back without its
 * log can form one with a member that was behind, and then the third has the only copy of what was acknowledged.
 */
export function keepEach(names: readonly string[]): readonly Offered[] {
  const [first = 'NAME', ...others] = names;
  const likewise = others.length === 0 ? '' : ` (likewise ${others.join(', ')})`;
  return [
    remedy`change nothing yet: which one is right is not decided by how many agree. Keep what each holds: ${provision('snapshot', 'save', INVENTORY, '--member', first)}${likewise}; then ${provision('doctor', INVENTORY)} shows whose log is older and who holds more`,
  ];
}
