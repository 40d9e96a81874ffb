import { X509Certificate } from 'node:crypto';
import type { FoundCas } from '../../adopt/decide/found-cas.ts';
import { signerIn } from '../../adopt/decide/signed-by.ts';
import { writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { readPrivateKey } from '../../pki/keys/key-files.ts';
import { type CertificatePair, pathsOf } from '../../pki/store/store.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { remedy } from '../../problem/remedy.ts';
import { Secret } from '../../shell/secret.ts';
import { readInput } from '../certs/read-input.ts';
import type { ArgumentsOf } from '../command.ts';
import type { adoptOptions } from './options.ts';

type Arguments = Pick<ArgumentsOf<typeof adoptOptions>, 'clientCert' | 'clientKey'>;

/** The pair that the operator shows to members, where one was given. Throws a Failure (usage) for one that they would refuse. */
export async function givenAdmin(
  { clientCert, clientKey }: Arguments,
  { client }: FoundCas,
): Promise<CertificatePair | undefined> {
  if (clientCert === undefined && clientKey === undefined) return undefined;
  if (clientCert === undefined || clientKey === undefined)
    throw new Failure('usage', '--client-cert and --client-key belong together', {
      next: [remedy`give both, or neither`],
    });
  const certificate = await readInput(clientCert);
  const key = new Secret(await readInput(clientKey));
  const fact = inspectCertificate(certificate, clientCert);
  const why = !new X509Certificate(certificate).checkPrivateKey(readPrivateKey(key, clientKey))
    ? `${clientKey} is not the key of ${clientCert}`
    : client === undefined || signerIn(certificate, client.pem) === undefined
      ? `${clientCert} is not signed by the CA that members trust`
      : new Date() > fact.notAfter
        ? `${clientCert} has expired`
        : fact.usages.length > 0 && !fact.usages.includes('clientAuth')
          ? `${clientCert} is not for clients: it allows ${fact.usages.join(', ')} only`
          : undefined;
  if (why === undefined) return { certificate, key };
  throw new Failure('usage', why, {
    next: [remedy`give a pair that clients of this cluster use`],
  });
}

/** Puts it into a store as the operator's own. */
export async function putAdmin(
  store: string,
  { certificate, key }: CertificatePair,
): Promise<void> {
  const paths = pathsOf(store, 'admin');
  await writeAtomically(paths.key, key);
  await writeAtomically(paths.certificate, certificate);
}
