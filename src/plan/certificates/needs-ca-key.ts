import { stepsOf } from '../lane.ts';
import type { Plan } from '../plan.ts';
import type { Step } from '../step.ts';

/** Whether the plan needs the key of a CA. */
export function needsCaKey({ waves }: Pick<Plan, 'waves'>): boolean {
  return waves.some(({ lanes }) => stepsOf(lanes).some(needsKey));
}

function needsKey(step: Step): boolean {
  switch (step.kind) {
    case 'issue-certificate':
    case 'certify-host-key':
    case 'create-next-ca':
    case 'revoke':
      return true;
    case 'probe-listeners':
      // The other proofs are made with certificates of the hour, signed for the purpose.
      return step.proof !== 'new-leaves-served';
    default:
      return false;
  }
}
