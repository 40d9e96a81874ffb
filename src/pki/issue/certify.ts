import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { inspectRequest } from '../encoding/csr.ts';
import { writeHostKey } from '../keys/host-key.ts';
import { describeKey, publicKeyBytes } from '../keys/keys.ts';
import { pathsOf } from '../store/store.ts';
import { makePrivateDirectory } from '../store/store-files.ts';
import { recordIssued } from './issued.ts';
import { leafKeyUsages, type SigningCa, signLeaf } from './sign.ts';

/** What a host tells of a key it has made. */
export interface HostRequest {
  /** PEM */
  readonly request: string;
  /** Of the key file's bytes. */
  readonly keySha256: string;
}

/**
 * Makes the certificate of a key that stays on its host. The request only proves that the host has the key: subject, names
 * and usages are those wanted here. The record of the key is written first, so a run killed in between leaves a pair that
 * does not match, which `whyReissue` sees. Throws a Failure naming `source` for a request that is forged or holds another
 * kind of key, and when the CA cannot sign; then nothing is written.
 */
export async function certify(
  directory: string,
  desired: DesiredCertificate,
  { request, keySha256 }: HostRequest,
  source: string,
  now: Date,
  ca: SigningCa,
): Promise<void> {
  const { fact, publicKey } = inspectRequest(request, source);
  const [found, wanted] = [describeKey(fact.key), describeKey(desired.key)];
  if (found !== wanted) {
    throw new Failure('failed', `${source}: its key is ${found}, wanted ${wanted}`, {
      next: [remedy`see which openssl is first in the PATH of root there`],
    });
  }
  const draft = { ...desired, keyUsages: leafKeyUsages(desired.key), publicKey };
  const certificate = await signLeaf(draft, ca, now);
  const paths = pathsOf(directory, desired.id);
  const publicKeySha256 = createHash('sha256').update(publicKeyBytes(publicKey)).digest('hex');
  await makePrivateDirectory(dirname(paths.hostKey));
  await writeHostKey(paths.hostKey, { sha256: keySha256, publicKeySha256 });
  const where = desired.member ?? desired.consumer ?? desired.id;
  await recordIssued(directory, certificate, ca.fact, { kind: 'host', where }, now);
  await writeAtomically(paths.certificate, certificate);
}
