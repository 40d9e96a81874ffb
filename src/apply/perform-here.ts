import { issue } from '../pki/issue/issue.ts';
import { removeKeys } from '../pki/keys/remove-keys.ts';
import type { HereStep } from '../plan/here-step.ts';
import { performOnCa } from './certificates/perform-on-ca.ts';
import { performRotation } from './certificates/perform-rotation.ts';
import { watchPort } from './clients/watch-port.ts';
import { type StepContext, signerOf } from './step-context.ts';

/** Does one step on this machine, deciding nothing. Throws a Failure. */
export async function performHere(step: HereStep, site: StepContext): Promise<void> {
  switch (step.kind) {
    case 'create-ca':
    case 'create-next-ca':
    case 'promote-ca':
    case 'retire-ca':
    case 'record-proof':
    case 'revoke':
      return performOnCa(step, site);
    case 'record-consent':
    case 'withdraw-consent':
    case 'drop-next-ca':
    case 'turn-round-ca':
    case 'remove-certificates':
      return performRotation(step, site);
    case 'issue-certificate': {
      const { certificate } = step;
      const ca = await signerOf(site, certificate.authority);
      return issue(site.store, certificate, site.now, ca);
    }
    case 'remove-store-keys':
      return removeKeys(site.store, step.certificates);
    case 'watch-port':
      return watchPort(step, site);
  }
}
