import {
  dropNextCa,
  recordConsent,
  turnRound,
  withdrawConsent,
  writeTrust,
} from '../../pki/ca/ca-rotation.ts';
import { removeCertificates } from '../../pki/keys/remove-keys.ts';
import type { HereStep } from '../../plan/here-step.ts';
import type { StepContext } from '../step-context.ts';

type RotationStep = Extract<
  HereStep,
  {
    kind:
      | 'record-consent'
      | 'withdraw-consent'
      | 'drop-next-ca'
      | 'turn-round-ca'
      | 'remove-certificates';
  }
>;

/** What a rotation of the CA does in the store beside making, promoting and retiring CAs. Throws a Failure. */
export async function performRotation(
  step: RotationStep,
  { store, now }: StepContext,
): Promise<void> {
  switch (step.kind) {
    case 'record-consent':
      return recordConsent(store, step.by, now);
    case 'withdraw-consent':
      return withdrawConsent(store);
    case 'drop-next-ca':
      await dropNextCa(store, now);
      return writeTrust(store);
    case 'turn-round-ca':
      await turnRound(store);
      return writeTrust(store);
    case 'remove-certificates':
      return removeCertificates(store, step.certificates);
  }
}
