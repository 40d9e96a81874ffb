import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { nextCaDirectory } from '../../pki/ca/ca-rotation.ts';
import { leafKeyUsages, signLeaf } from '../../pki/issue/sign.ts';
import { privateKeyPem } from '../../pki/keys/key-files.ts';
import { generateKey } from '../../pki/keys/keys.ts';
import type { HostStep } from '../../plan/step.ts';
import { sh } from '../../shell/command.ts';
import { rejectedAt, watched } from '../clients/watch-clients.ts';
import type { StepContext } from '../step-context.ts';
import { installCertificates, memberHolder, restoreCertificates } from './install-certificates.ts';
import { memberCertificates } from './member-certificates.ts';

/**
 * Has a member show clients a certificate of the CA that signs next, reads its log for a while, and puts the former pair
 * back whatever happens. The certificate lives as long as any: a run that is killed here leaves a member that goes on.
 * Throws a Failure (paused) that names the clients that refused it.
 */
export async function tryNextLeaf(
  { member, unit, like, former, window, accepted }: Extract<HostStep, { kind: 'try-next-leaf' }>,
  host: Host,
  { store, keyring, now }: Pick<StepContext, 'store' | 'keyring' | 'now'>,
  signal: AbortSignal,
): Promise<void> {
  const { privateKey, publicKey } = await generateKey(like.key);
  const draft = { ...like, keyUsages: leafKeyUsages(like.key), publicKey };
  const certificate = await signLeaf(draft, await keyring.open(nextCaDirectory(store)), now);
  const files = await memberCertificates(former, store);
  const pairs = new Map(files.pairs).set('server', { certificate, key: privateKeyPem(privateKey) });

  const { stdout } = await must(host, 'read its clock', sh`date +%s`);
  await installCertificates(host, former.link, memberHolder(former.account), { ...files, pairs });
  try {
    const rejected = await watched(host, unit, Number(stdout), window, accepted, signal);
    if (rejected.length > 0) throw rejectedAt(member, rejected);
  } finally {
    await restoreCertificates(host, former.link);
  }
}
