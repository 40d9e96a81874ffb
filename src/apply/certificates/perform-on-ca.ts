import { authorityDirectory } from '../../pki/ca/authority.ts';
import {
  createNextCa,
  observeRotation,
  promoteCa,
  recordProof,
  retireCa,
  writeTrust,
} from '../../pki/ca/ca-rotation.ts';
import { createCa } from '../../pki/ca/create-ca.ts';
import { revoke } from '../../pki/ca/revoke.ts';
import { shareCa } from '../../pki/ca/split-ca.ts';
import type { HereStep } from '../../plan/here-step.ts';
import { type StepContext, signerOf } from '../step-context.ts';

type CaStep = Extract<
  HereStep,
  { kind: 'create-ca' | 'create-next-ca' | 'promote-ca' | 'retire-ca' | 'record-proof' | 'revoke' }
>;

/** Changes a CA of the store, for clients unless the step says otherwise. Throws a Failure. */
export async function performOnCa(step: CaStep, site: StepContext): Promise<void> {
  const { store, keyring, now } = site;
  const { authority = 'client' } = step;
  const directory = authorityDirectory(store, authority);
  switch (step.kind) {
    case 'create-ca':
      await createCa(directory, step.ca, now);
      break;
    case 'create-next-ca':
      if (authority === 'client') {
        await createNextCa(directory, step.ca, now, keyring.passphrase);
        break;
      }
      // A run that was killed in between has made the one and not done the other.
      if ((await observeRotation(directory)).next === undefined)
        await createNextCa(directory, step.ca, now, keyring.passphrase);
      await shareCa(store);
      break;
    case 'promote-ca':
      await promoteCa(directory, now);
      break;
    case 'retire-ca':
      await retireCa(directory, now);
      break;
    case 'record-proof':
      return recordProof(directory, now);
    case 'revoke':
      return revoke(
        directory,
        step.revocations.map(({ date, ...one }) => ({ ...one, date: new Date(date) })),
        step.hours,
        await signerOf(site, authority),
        now,
      );
  }
  // Clients on this machine dial no peer port.
  if (authority === 'client') await writeTrust(store);
}
