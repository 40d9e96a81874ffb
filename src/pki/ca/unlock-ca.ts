import { type KeyObject, X509Certificate } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Secret } from '../../shell/secret.ts';
import type { SigningCa } from '../issue/sign.ts';
import { readPrivateKey } from '../keys/key-files.ts';
import { pathsOf, readCaCertificate } from '../store/store.ts';
import { readSecretIfThere, refuseIfShared } from '../store/store-files.ts';
import { inspectCertificate } from '../verify/inspect.ts';
import { whyCaUnfit } from '../verify/judge.ts';

/** The store's CA, ready to sign; throws a Failure that says what stands in the way. */
export async function unlockCa(
  directory: string,
  now: Date,
  passphrase?: Secret,
): Promise<SigningCa> {
  const paths = pathsOf(directory, 'ca');
  const certificate = await readCaCertificate(directory);
  const key = await readSecretIfThere(paths.key);
  if (key === undefined) {
    throw new Failure(
      'refused',
      `${paths.key}: the CA key is not here, and something must be signed`,
      {
        next: [remedy`bring the key for this run, or have a request signed where the key is`],
      },
    );
  }
  await refuseIfShared(paths.key);
  return signingCa(certificate, readPrivateKey(key, paths.key, passphrase), paths, now);
}

/** Certificate and key as a CA that can sign; throws a Failure when the CA is unfit or the key is another's. */
export function signingCa(
  certificate: string,
  key: KeyObject,
  paths: { readonly certificate: string; readonly key: string },
  now: Date,
): SigningCa {
  const fact = inspectCertificate(certificate, paths.certificate);
  const unfit = whyCaUnfit(fact, now);
  if (unfit !== undefined) {
    throw new Failure('refused', `${paths.certificate}: ${unfit}`, {
      next: [remedy`bring a CA that can sign, or have a new one made`],
    });
  }
  if (!new X509Certificate(certificate).checkPrivateKey(key)) {
    throw new Failure('refused', `${paths.key}: is not the key of ${paths.certificate}`, {
      next: [remedy`put the key of this CA in its place`],
    });
  }
  return { certificate, fact, key };
}
