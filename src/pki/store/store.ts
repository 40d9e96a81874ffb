import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, readIfThere, refuseStrange } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Secret } from '../../shell/secret.ts';
import { authorityDirectory } from '../ca/authority.ts';
import { readHostKey } from '../keys/host-key.ts';
import { isEncryptedPem, readPrivateKey } from '../keys/key-files.ts';
import { kindOf } from '../keys/keys.ts';
import { certificateRemedies as remedies } from '../verify/certificate-remedies.ts';
import { type CertificateFact, inspectCertificate, inspectDer } from '../verify/inspect.ts';
import type { StoredCa, StoredCertificate, StoreFacts } from './store-facts.ts';
import { readCaKeyIfThere, readSecretIfThere, refuseIfShared } from './store-files.ts';

/** A certificate and its key as they travel to a host. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: Secret;
}

/**
 * Looks at the store and changes nothing. Throws a Failure (refused) when others can read directory or keys, and one
 * naming the file when a certificate or key in it cannot be read.
 */
export async function observeStore(directory: string): Promise<StoreFacts> {
  const top = await entries(directory);
  if (top === undefined)
    return { directory, ca: undefined, peerCa: undefined, certificates: new Map() };
  await refuseIfShared(directory);
  // Written when something is issued: what stands in their place is better known before.
  await Promise.all(
    ['issued.jsonl', 'trust.pem'].map((name) => refuseStrange(join(directory, name))),
  );

  const [ca, peerCa] = await Promise.all([
    observeCa(directory),
    observeCa(authorityDirectory(directory, 'peer')),
  ]);
  const signers = [ca, peerCa].filter((one) => one !== undefined);
  const folders = top.filter((entry) => entry.isDirectory());
  const inner = await Promise.all(folders.map(({ name }) => namesBelow(directory, name)));
  const ids = [...top.map(({ name }) => name), ...inner.flat()]
    .filter((name) => name.endsWith('.crt') && !/(^|\/)ca(-chain)?\.crt$/.test(name))
    .map((name) => name.slice(0, -'.crt'.length));
  const found = await Promise.all(
    ids.sort().map(async (id) => [id, await observePair(directory, id, signers)] as const),
  );
  return { directory, ca, peerCa, certificates: new Map(found) };
}

/** The pair as it stands in the store; throws a Failure when either half is missing or they do not belong together. */
export async function readPair(directory: string, id: string): Promise<CertificatePair> {
  const { certificate: certificatePath, key: keyPath } = pathsOf(directory, id);
  const [certificate, key] = await Promise.all([
    readIfThere(certificatePath),
    readSecretIfThere(keyPath),
  ]);
  if (certificate === undefined || key === undefined) {
    const path = certificate === undefined ? certificatePath : keyPath;
    throw new Failure('failed', `${path}: is missing`, { next: remedies.issue });
  }
  const privateKey = readPrivateKey(key, keyPath);
  if (!parse(certificate, certificatePath).checkPrivateKey(privateKey)) {
    throw new Failure('failed', `${keyPath}: is not the key of ${certificatePath}`, {
      next: remedies.reissuePair,
    });
  }
  return { certificate, key };
}

/** The CA certificate that hosts trust; throws a Failure when the store has none. */
export async function readCaCertificate(directory: string): Promise<string> {
  const { certificate } = pathsOf(directory, 'ca');
  const pem = await readIfThere(certificate);
  if (pem !== undefined) return pem;
  throw new Failure('failed', `${certificate}: the store has no CA`, {
    next: remedies.makeCa,
  });
}

/** Whether a certificate of this id stands in the store. */
export async function hasCertificate(directory: string, id: string): Promise<boolean> {
  return (await readIfThere(pathsOf(directory, id).certificate)) !== undefined;
}

/** The certificate as it stands in the store; throws a Failure when it is missing. */
export async function readCertificate(directory: string, id: string): Promise<string> {
  const { certificate: path } = pathsOf(directory, id);
  const pem = await readIfThere(path);
  if (pem !== undefined) return pem;
  throw new Failure('failed', `${path}: is missing`, { next: remedies.issue });
}

/** Where a pair stands; instead of a key there is a record of it when its host has made it. */
export function pathsOf(
  directory: string,
  id: string,
): { readonly certificate: string; readonly key: string; readonly hostKey: string } {
  const path = (extension: string) => join(directory, `${id}.${extension}`);
  return { certificate: path('crt'), key: path('key'), hostKey: path('host-key') };
}

async function observeCa(directory: string): Promise<StoredCa | undefined> {
  const paths = pathsOf(directory, 'ca');
  const pem = await readIfThere(paths.certificate);
  const key = await readCaKeyIfThere(paths.key);
  // A key alone is what a killed `createCa` leaves; the next one signs with it.
  if (pem === undefined) return undefined;
  const fact = inspectCa(pem, paths.certificate);
  const keyEncrypted = key !== undefined && isEncryptedPem(key);
  return { fact, pem, hasKey: key !== undefined, keyEncrypted };
}

async function observePair(
  directory: string,
  id: string,
  signers: readonly StoredCa[],
): Promise<StoredCertificate> {
  const paths = pathsOf(directory, id);
  const certificatePem = (await readIfThere(paths.certificate)) ?? '';
  const secret = await readSecretIfThere(paths.key);
  if (secret !== undefined) await refuseIfShared(paths.key);
  const x509 = parse(certificatePem, paths.certificate);
  const key = secret && readLeafKey(secret, paths.key);
  const signer = signers.find(({ pem }) => x509.verify(new X509Certificate(pem).publicKey));
  return {
    fact: inspectDer(x509.raw, paths.certificate),
    certificatePem,
    key: key && kindOf(key),
    keyMatches: key !== undefined && x509.checkPrivateKey(key),
    certificateSha256: sha256(certificatePem),
    keySha256: secret && sha256(secret.reveal()),
    hostKey: await readHostKey(paths.hostKey),
    issuerFingerprint256: signer?.fact.fingerprint256,
  };
}

/** What the certificate of a CA of the store says. Throws a Failure that says how it comes back. */
export function inspectCa(pem: string, path: string): CertificateFact {
  try {
    return inspectCertificate(pem, path);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure('failed', cause.message, {
      next: [
        remedy`put the certificate of the CA back from a copy of the store, or from pki/ on a member; without it nobody can tell what members trust`,
      ],
    });
  }
}

function readLeafKey(text: Secret, path: string): KeyObject {
  try {
    return readPrivateKey(text, path);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure('failed', text.reveal() === '' ? `${path}: is empty` : cause.message, {
      cause,
      next: [
        remedy`mv ${quote(path)} ${quote(`${path}.damaged`)}; then run the same command again: without its key the certificate is reissued`,
      ],
    });
  }
}

function parse(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Failure('failed', `${path}: is not a certificate`, {
      cause: error,
      next: [remedy`mv ${quote(path)} ${quote(`${path}.damaged`)}; then run the command again`],
    });
  }
}

/** What is in a directory, or undefined when there is none. */
async function entries(directory: string): Promise<readonly Dirent[] | undefined> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Failure('failed', `${directory}: could not be read`, {
      cause: error,
      next: [remedy`see what it is and who owns it: ls -ld ${quote(directory)}`],
    });
  }
}

async function namesBelow(directory: string, folder: string): Promise<readonly string[]> {
  const path = join(directory, folder);
  await refuseIfShared(path);
  return ((await entries(path)) ?? []).map(({ name }) => `${folder}/${name}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
