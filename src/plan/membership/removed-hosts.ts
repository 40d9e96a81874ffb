import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts, RemovedHost } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import type { Wave } from '../plan.ts';
import { inGivenOrder, rolling } from '../rolling.ts';
import { namesOf } from '../waves.ts';
import { retireHost } from './leave.ts';

/**
 * Hosts that a run which was cut off behind a removal has left as they were: their data is of this cluster, of a member
 * that it does not list any more. Of any other data nobody knows that it is of no use.
 */
export function removedHosts(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'removedHosts'>,
  removes: readonly string[],
): readonly RemovedHost[] {
  const { list } = observed(cluster, facts);
  if (list === undefined) return [];
  const listed = new Set(list.members.flatMap(({ id, name }) => [id, name]));
  return (facts.removedHosts ?? []).filter(
    ({ member, clusterId, memberId }) =>
      removes.includes(member) &&
      clusterId === list.clusterId &&
      !listed.has(memberId) &&
      !listed.has(member) &&
      cluster.members.every(({ name }) => name !== member),
  );
}

/** Stops and disables what is left on them, and moves the data aside. */
export function retireRemoved(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  removed: readonly RemovedHost[],
): readonly Wave[] {
  const via = observed(cluster, facts).contact?.name;
  if (via === undefined) return [];
  const turns = removed.map((one) => ({ ...one, name: one.member }));
  return rolling(
    turns,
    ({ member, address }) => ({
      title: `retire the host of ${member}`,
      host: via,
      steps: [retireHost(cluster, member, address)],
      undo: [],
    }),
    { among: namesOf(cluster), order: inGivenOrder },
  );
}
