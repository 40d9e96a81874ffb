import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';

/** That what an earlier run left is taken back before anything else, and how. */
export function takeBackText(plan: Plan): string {
  return [
    'first, what an earlier run left is taken back: the restored data has acknowledged nothing, the former data is put back;',
    'what follows starts from the former cluster as it is then, with a new snapshot where one is taken',
    describePlan(plan),
    '',
  ].join('\n');
}
