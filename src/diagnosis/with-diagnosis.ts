import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import type { Next } from '../problem/remedy.ts';
import { diagnose } from './diagnose.ts';
import type { ReachedCluster } from './looks/examine.ts';

/** The failure with why its members do not come up; their journals go to its log. */
export async function withDiagnosis(
  failure: Failure,
  around: ReachedCluster,
  next: Next,
  failed?: Plan,
): Promise<Failure> {
  const { diagnoses, journals } = await diagnoseIfPossible(around, failed);
  const told = diagnoses.map((one) => ({
    ...one,
    sentence: `${one.about.join(', ')}: ${one.sentence}`,
  }));
  return new Failure(
    failure.reason,
    { ...failure.problem, next },
    {
      parts: [...failure.parts, ...told],
      cause: failure.cause,
      hosts: failure.hosts,
      log: [failure.log ?? '', journals].filter((part) => part !== '').join('\n\n'),
    },
  );
}

/** Diagnoses failures in these surroundings. */
export function diagnosing(
  around: ReachedCluster,
): (failure: Failure, next: Next, failed: Plan) => Promise<Failure> {
  return (failure, next, failed) => withDiagnosis(failure, around, next, failed);
}

/**
 * What keeps a diagnosis from being made, a file of the store that cannot be read for one, must not take the place of what
 * it was to explain: members are rolled back after it.
 */
async function diagnoseIfPossible(
  around: ReachedCluster,
  failed: Plan | undefined,
): ReturnType<typeof diagnose> {
  try {
    return await diagnose(around, failed);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { diagnoses: [], journals: `not diagnosed: ${error.message}` };
  }
}
