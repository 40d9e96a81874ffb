import type { DesiredCluster } from '../desired/cluster.ts';
import type { Plan, Refusal, Wave } from './plan.ts';
import { plannedCluster } from './planned-cluster.ts';

/** A plan of these waves, with all that its gates have to know of the cluster. */
export function planOf(
  desired: DesiredCluster,
  waves: readonly Wave[],
  more: Pick<Plan, 'notes' | 'stopsAll' | 'without' | 'away' | 'left'> = {},
): Plan {
  const { name: cluster } = desired;
  return waves.length === 0
    ? { cluster, waves: [], ...more, refusals: [] }
    : { cluster, target: plannedCluster(desired), waves, ...more, refusals: [] };
}

/** A plan that does nothing, with why. */
export function refusedPlan(
  { name }: Pick<DesiredCluster, 'name'>,
  refusals: readonly Refusal[],
): Plan {
  return { cluster: name, waves: [], refusals };
}
