import type { DesiredCluster } from '../../desired/cluster.ts';
import type { Protocol } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { convergeWaves } from '../converge-waves.ts';
import { decide } from '../decision.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { protocolWitnesses } from './protocol.ts';
import { rotating } from './switch-refusals.ts';

export interface CutOffOptions {
  readonly to: Protocol;
}

/** The cluster that clients are to be cut off from. */
export interface DesiredCutOff {
  /** The cluster as it serves its clients now. */
  readonly served: DesiredCluster;
  /** The same, cut off from them. */
  readonly fenced: DesiredCluster;
}

/** Whether the switch by a snapshot is still to be made: some member speaks, or is set to speak, the other protocol. */
export function isToSwitch(facts: ClusterFacts, { to }: CutOffOptions): boolean {
  return protocolWitnesses(facts).some(({ protocol }) => protocol !== to);
}

/**
 * Decides how clients are cut off from every member, before the last state is taken and restored with the other protocol.
 * Nobody writes afterwards, so that a cluster that takes no writes meanwhile is accepted.
 */
export function planCutOff(
  { served, fenced }: DesiredCutOff,
  facts: ClusterFacts,
  { to }: CutOffOptions,
): Plan {
  if (!isToSwitch(facts, { to })) return planOf(served, []);
  const beside = rotating({ to, target: served }, facts);
  if (beside.length > 0) return refusedPlan(served, beside);
  const decision = decide(fenced, facts, {
    ...{ allowDowntime: true, besideRestore: true, addsMembers: true },
  });
  if (decision.refusals.length > 0) return refusedPlan(fenced, decision.refusals);
  const { waves, ...notes } = convergeWaves(decision);
  return planOf(decision.desired, waves, notes);
}
