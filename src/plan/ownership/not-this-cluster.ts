import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { storeOfOthers } from '../certificates/store-of-others.ts';
import { runsElsewhere, unaskedMachines } from '../membership/unasked-machines.ts';
import type { Refusal } from '../plan.ts';
import { ownershipRefusals } from './owners.ts';
import { strangeRecords } from './strange-records.ts';

/**
 * Why what is found is not the cluster that the inventory means, or not all of it. Only the first of these is told: what else
 * is said about somebody else's cluster would be said as if it were this one.
 */
export function notThisCluster(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  for (const refusalsOf of [
    ownershipRefusals,
    strangeRecords,
    runsElsewhere,
    storeOfOthers,
    unaskedMachines,
  ]) {
    const refusals = refusalsOf(cluster, facts);
    if (refusals.length > 0) return refusals;
  }
  return [];
}
