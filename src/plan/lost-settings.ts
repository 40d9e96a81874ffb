import type { DesiredCluster } from '../desired/cluster.ts';
import { runsByTheirs } from '../facts/adopted.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { seenMembers } from '../observed/observed.ts';

const START = { token: '', state: 'existing' } as const;

/**
 * Sentences about members that are taken over and run with a setting that the inventory has for others and not for them, as
 * where the host of one could not be seen by `adopt`: with the restart it would be gone.
 */
export function lostSettings(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly string[] {
  const known = new Set(cluster.members.flatMap((member) => [...member.environment(START).keys()]));
  return seenMembers(cluster, facts).flatMap(({ name, desired, found }) => {
    if (found.adopted?.isKept !== false || !runsByTheirs(found)) return [];
    const own = desired.environment(START);
    const lost = [...(found.unit.process?.environment ?? [])].filter(
      ([variable, value]) => value !== '' && known.has(variable) && !own.has(variable),
    );
    return lost.length === 0
      ? []
      : [
          `${name} runs with ${lost.map(([variable, value]) => `${variable}=${value}`).join(', ')}, which the inventory has for other members alone: behind its restart it runs without; what it is to keep belongs into settings of this member`,
        ];
  });
}
