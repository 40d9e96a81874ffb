import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { convergeWaves } from './converge-waves.ts';
import { type DecisionOptions, decide } from './decision.ts';
import { goneNotes } from './leaving.ts';
import { planOf, refusedPlan } from './make-plan.ts';
import type { Plan } from './plan.ts';

export type PlanOptions = Pick<
  DecisionOptions,
  'freshToken' | 'wipe' | 'allowDowntime' | 'besideRestore' | 'removes'
>;

/** Decides everything that is to be done, in which order and why, from what should be and what is. */
export function planCluster(
  desired: DesiredCluster,
  facts: ClusterFacts,
  wishes: PlanOptions,
): Plan {
  const decision = decide(desired, facts, { ...wishes, addsMembers: true });
  const { refusals } = decision;
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const { waves, notes = [] } = convergeWaves(decision);
  const all = [...notes, ...goneNotes(decision.desired, decision.seen, wishes.removes ?? [])];
  return planOf(decision.desired, waves, all.length > 0 ? { notes: all } : {});
}
