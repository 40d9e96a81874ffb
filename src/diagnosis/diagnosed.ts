import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { describeDiagnoses, diagnose } from './diagnose.ts';

/** The failure with what the unit's journals on these hosts say about it; the journals themselves become its evidence. */
export async function diagnosed(
  failure: Failure,
  hosts: ReadonlyMap<string, Host>,
  unit: string,
  next: string,
): Promise<Failure> {
  const { diagnoses, journals } = await diagnose(hosts, unit);
  const told = [failure.message, describeDiagnoses(diagnoses)].filter((part) => part !== '');
  return new Failure(failure.reason, told.join('\n'), {
    next,
    cause: failure.cause,
    evidence: [failure.evidence ?? '', journals].filter((part) => part !== '').join('\n\n'),
  });
}
