import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { untouchable } from '../maintaining/maintenance-refusals.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { removeMembers } from './leave.ts';
import { leavingMembers, leftMemberNotes, removalRefusals } from './leaving.ts';

export interface RemoveStrangerOptions {
  /** Its name in etcd's list, or its id. */
  readonly member: string;
}

/**
 * Takes a member that the inventory does not name out of etcd's list, stops what is left of it, and changes nothing else: by
 * `up --remove` all the inventory asks for would be done with it.
 */
export function planRemoveStranger(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { member }: RemoveStrangerOptions,
): Plan {
  const first = untouchable(desired, facts);
  if (first.length > 0) return refusedPlan(desired, first);
  const refusals = removalRefusals(desired, facts, [member]);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const notes = leftMemberNotes(desired, facts, [member]);
  const among = observed(desired, facts).answers.map(({ name }) => name);
  const leaving = leavingMembers(desired, facts, [member]);
  return planOf(
    desired,
    removeMembers({ desired, facts }, leaving, among),
    notes.length > 0 ? { notes } : {},
  );
}
