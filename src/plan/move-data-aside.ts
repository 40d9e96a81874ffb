import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { observed } from '../observed/observed.ts';
import { onHost } from './lane.ts';
import { within } from './path.ts';
import type { Wave } from './plan.ts';
import { stopping, whileStopped } from './together.ts';

/** Moves the data of a member aside, wherever it is, and its log with it where that lies elsewhere. */
export function moveAside(
  { paths }: Pick<DesiredCluster, 'paths'>,
  found?: Pick<MemberFacts, 'data' | 'walHome'>,
) {
  const { data, walHome } = paths;
  const { logAt: at, elsewhere } = found?.data ?? {};
  const isInside = (log: string) =>
    [data, elsewhere?.at].some((one) => one !== undefined && within(log, one));
  const logs = [
    ...(walHome === undefined || (found !== undefined && found.walHome === undefined)
      ? []
      : [walHome]),
    ...(at === undefined || isInside(at) ? [] : [at]),
    ...(elsewhere === undefined ? [] : [elsewhere.at]),
  ];
  return { kind: 'move-aside', path: data, ...(logs.length > 0 && { logs }) } as const;
}

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
      used.map(({ name, found }) => onHost(name, [{ ...moveAside(cluster, found), because }])),
    ),
  ];
}
