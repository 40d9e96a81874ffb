import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { onHost } from './lane.ts';
import type { Wave } from './plan.ts';
import { stopping, whileStopped } from './together.ts';

/** Stops every member, then moves all data aside; nothing is deleted. */
export function moveDataAside(cluster: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const { seen } = observed(cluster, facts);
  const running = seen.filter(({ runs }) => runs);
  const used = seen.filter(({ found }) => found.data !== undefined);
  const because = 'the data is given up (--wipe)';
  return [
    // One after another: stopped together, a leader waits seven seconds for another member to take over.
    ...running.flatMap(({ name: host }) =>
      stopping(`stop ${host}`, [
        onHost(host, [{ kind: 'stop-unit', unit: cluster.unit, because }]),
      ]),
    ),
    ...whileStopped(
      'move all data aside',
      used.map(({ name }) =>
        onHost(name, [{ kind: 'move-aside', path: cluster.paths.data, because }]),
      ),
    ),
  ];
}
