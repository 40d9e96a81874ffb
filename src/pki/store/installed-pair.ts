import { Failure } from '../../failure/failure.ts';
import type { Secret } from '../../shell/secret.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { type HostKey, readHostKey } from '../keys/host-key.ts';
import { certificateRemedies } from '../verify/certificate-remedies.ts';
import { inspectCertificate } from '../verify/inspect.ts';
import { pathsOf, readCertificate, readPair } from './store.ts';

/** A certificate on its way to a host: with its key, or with what identifies the key the host has. */
export interface InstalledPair {
  readonly certificate: string;
  readonly key: Secret | HostKey;
}

/** What the store has to be installed; throws a Failure when either half is missing or they do not belong together. */
export async function readInstalledPair(
  directory: string,
  { id, keyPlace }: Pick<DesiredCertificate, 'id' | 'keyPlace'>,
): Promise<InstalledPair> {
  if (keyPlace === 'store') return readPair(directory, id);
  const paths = pathsOf(directory, id);
  const certificate = await readCertificate(directory, id);
  const key = await readHostKey(paths.hostKey);
  const { publicKeySha256 } = inspectCertificate(certificate, paths.certificate);
  if (key?.publicKeySha256 === publicKeySha256) return { certificate, key };
  const why = key === undefined ? 'is missing' : `is not of the key of ${paths.certificate}`;
  throw new Failure('failed', `${paths.hostKey}: ${why}`, {
    next: certificateRemedies.reissue,
  });
}
