import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';

/**
 * Members of somebody else that do not run while others answer: by what they would go on nobody sees, so they could never be
 * given back. Those that a run has stopped which was cut off had been seen.
 */
export function stoppedBefore(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const stopped = seenMembers(cluster, facts).filter(
    ({ found: { adopted, former, unit } }) =>
      adopted?.isKept === false && former === undefined && unit.pid === 0,
  );
  return stopped.map(({ name }) => ({
    kind: 'stopped-before',
    about: [name],
    sentence: `${name}: does not run, and is run by what somebody else made: taken over like this it could not be given back`,
    next: [
      remedy`start it as it was (on ${name}: systemctl start ${cluster.unit}), then: ${provision('up', INVENTORY)}`,
      remedy`where it cannot start any more, have a new member take its place: ${provision('member', 'replace', INVENTORY, name)}`,
    ],
  }));
}
