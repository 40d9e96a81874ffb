import { INVENTORY, type Offered, provision, remedy } from '../../problem/remedy.ts';

const UP = provision('up', INVENTORY);

function rotateCa(...words: readonly string[]) {
  return provision('certs', 'rotate-ca', INVENTORY, ...words);
}

/** What is done about certificates, CAs and revocation lists that are not as they should be. */
export const certificateRemedies = {
  up: [remedy`${UP}`],
  issue: [remedy`up issues it: ${UP}`],
  reissue: [remedy`up reissues the certificate: ${UP}`],
  reissuePair: [remedy`up reissues the pair: ${UP}`],
  makeCa: [remedy`${UP}, or ${provision('certs', 'init-ca', INVENTORY)}`],
  bringCertificate: [remedy`up brings the certificate of the store: ${UP}`],
  bringPair: [remedy`up brings the pair in order: ${UP}`],
  upOrLook: [remedy`${UP}, or look at that host`],
  upAfterMoving: [remedy`move it away, then: ${UP}`],
  compareClocks: [remedy`compare the clocks; if they agree: ${UP}`],
  rotateCa: [remedy`rotate the CA: ${rotateCa()}`],
  rotatePeerCa: [remedy`rotate the CA of the peers: ${rotateCa('--peer')}`],
  abortRotation: [remedy`give it up: ${rotateCa('--abort')}`],
  finishRemoves: [remedy`${rotateCa('--finish')} removes it`],
  issueBeforeFinish: [
    remedy`issue another one: ${provision('certs', 'issue', INVENTORY)}, before ${rotateCa('--finish')}`,
  ],
  issueIfUsed: [
    remedy`issue another one if it is still used: ${provision('certs', 'issue', INVENTORY)}`,
  ],
  renewList: [remedy`make it again: ${provision('certs', 'revoke', INVENTORY, '--renew')}`],
  nameOrRevoke: (id: string, files: string): readonly Offered[] => [
    remedy`name it in the inventory; or revoke it (${provision('certs', 'revoke', INVENTORY, '--id', id)}), then remove ${files}`,
  ],
} as const;
