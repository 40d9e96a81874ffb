import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { describeDiagnoses, diagnose, type Patient } from './diagnose.ts';

/** The failure with what the members' journals say about it; the journals themselves become its evidence. */
export async function diagnosed(
  failure: Failure,
  hosts: ReadonlyMap<string, Host>,
  patient: Patient,
  next: string,
): Promise<Failure> {
  const { diagnoses, journals } = await diagnose(hosts, patient);
  const told = [failure.message, describeDiagnoses(diagnoses)].filter((part) => part !== '');
  return new Failure(failure.reason, told.join('\n'), {
    next,
    cause: failure.cause,
    evidence: [failure.evidence ?? '', journals].filter((part) => part !== '').join('\n\n'),
  });
}
