import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { describeDiagnoses, diagnose } from './diagnose.ts';
import type { Surroundings } from './examine.ts';

/** The failure with why its members do not come up; their journals become its evidence. */
export async function diagnosed(
  failure: Failure,
  around: Surroundings,
  next: string,
  failed?: Plan,
): Promise<Failure> {
  const { diagnoses, journals } = await diagnose(around, failed);
  const told = [failure.message, describeDiagnoses(diagnoses)].filter((part) => part !== '');
  return new Failure(failure.reason, told.join('\n'), {
    next,
    cause: failure.cause,
    evidence: [failure.evidence ?? '', journals].filter((part) => part !== '').join('\n\n'),
  });
}
