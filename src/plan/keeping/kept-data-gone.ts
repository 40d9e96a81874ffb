import type { DesiredCluster } from '../../desired/cluster.ts';
import { guardPath } from '../../desired/guard.ts';
import { readHeader } from '../../desired/header.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { within } from '../path.ts';
import type { Refusal } from '../plan.ts';

/**
 * Members whose unit is somebody else's and guarded by ours, and whose data is not there: only its log tells whose they are, so
 * without this they would be taken for another cluster's.
 */
export function keptDataGone(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  if (cluster.keepsLayout !== true) return [];
  const guard = guardPath(cluster.unit);
  const gone = seenMembers(cluster, facts).filter(({ name, found }) => {
    const whose = readHeader(found.launch.dropIns.find(({ path }) => path === guard)?.content);
    const isGuarded = whose?.cluster === cluster.name && whose.member === name;
    return isGuarded && found.unit.pid === 0 && found.data?.wal === undefined;
  });
  return gone.map(({ name }) => ({
    kind: 'kept-data-gone',
    about: [name],
    sentence: `${name}: its data is not in ${cluster.paths.data}${within(cluster.paths.wal, cluster.paths.data) ? '' : `, or its log not in ${cluster.paths.wal}`}, and it is kept from starting without`,
    next: [
      remedy`mount its disk again (on ${name}: findmnt), then start it there: systemctl start ${cluster.unit}`,
      remedy`where the disk is lost, take ${name} out of ${INVENTORY} and have it removed: ${provision('up', INVENTORY, '--remove', name)}; then add it again, and it joins as a new member`,
    ],
  }));
}
