import { dirname } from 'node:path';
import { removeDurably, writeAtomically } from '../../durable/durable-file.ts';
import { signerDirectory } from '../ca/peer-ca.ts';
import { unlockCa } from '../ca/unlock-ca.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { privateKeyPem } from '../keys/key-files.ts';
import { generateKey } from '../keys/keys.ts';
import { pathsOf } from '../store/store.ts';
import { makePrivateDirectory } from '../store/store-files.ts';
import { recordIssued } from './issued.ts';
import { leafKeyUsages, type SigningCa, signLeaf } from './sign.ts';

/**
 * Makes key and certificate in the store, the key first: a run killed in between leaves a pair that does not match,
 * which `whyReissue` sees. Throws a Failure when the CA may not or cannot sign; then nothing is written.
 */
export async function issue(
  directory: string,
  desired: DesiredCertificate,
  now: Date,
  ca?: SigningCa,
): Promise<void> {
  const signer = ca ?? (await unlockCa(await signerDirectory(directory, desired.authority), now));
  const { privateKey, publicKey } = await generateKey(desired.key);
  const certificate = await signLeaf(
    { ...desired, keyUsages: leafKeyUsages(desired.key), publicKey },
    signer,
    now,
  );
  const paths = pathsOf(directory, desired.id);
  await makePrivateDirectory(dirname(paths.key));
  await writeAtomically(paths.key, privateKeyPem(privateKey));
  await removeDurably(paths.hostKey);
  await recordIssued(
    directory,
    certificate,
    signer.fact,
    { kind: 'store', where: desired.id },
    now,
  );
  await writeAtomically(paths.certificate, certificate);
}
