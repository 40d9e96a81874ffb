import { type Alarm, readAlarms } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { allFound } from './found.ts';

/** The alarms that stand, as any member tells them. */
export function alarmsOf(facts: Pick<ClusterFacts, 'members'>): readonly Alarm[] {
  return readAlarms(
    allFound(facts)
      .flatMap(({ etcd }) => etcd.status?.errors ?? [])
      .join('\n'),
  );
}
