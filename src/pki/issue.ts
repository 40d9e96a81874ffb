import { dirname } from 'node:path';
import { removeDurably, writeAtomically } from '../durable/durable-file.ts';
import type { DesiredCertificate } from './desired-certificate.ts';
import { recordIssued } from './issued.ts';
import { privateKeyPem } from './key-files.ts';
import { generateKey } from './keys.ts';
import { signerDirectory } from './peer-ca.ts';
import { leafKeyUsages, type SigningCa, signLeaf } from './sign.ts';
import { pathsOf } from './store.ts';
import { makePrivateDirectory } from './store-files.ts';
import { unlockCa } from './unlock-ca.ts';

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
