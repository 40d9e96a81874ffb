import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';

/** The ids in etcd's list of members of the inventory that are not among those that count: nothing is handed to them. */
export function idsOutside(
  desired: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
  among: readonly string[],
): readonly string[] {
  return observed(desired, facts)
    .members.filter(({ name }) => !among.includes(name))
    .flatMap(({ listed }) => listed?.id ?? []);
}
