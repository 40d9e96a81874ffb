import { type KeyObject, X509Certificate } from 'node:crypto';
import { readIfThere, writeAtomically, writeFirst } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { type Next, remedy } from '../../problem/remedy.ts';
import type { Secret } from '../../shell/secret.ts';
import { describeName } from '../encoding/distinguished-name.ts';
import { encryptedKeyPem, privateKeyPem, readPrivateKey } from '../keys/key-files.ts';
import { pathsOf } from '../store/store.ts';
import {
  chainPath,
  makePrivateDirectory,
  readSecretIfThere,
  refuseIfShared,
} from '../store/store-files.ts';
import { type CertificateFact, certificatesOf, inspectDer } from '../verify/inspect.ts';
import { whyCaUnfit, whyNotForMembers } from '../verify/judge.ts';
import { isThere } from './create-ca.ts';

const OTHER_CA = [remedy`bring another CA, or leave it out to have one made`];

/** A CA that exists already. */
export interface BroughtCa {
  /** PEM of the CA, with the CAs above it in any order. */
  readonly certificates: string;
  readonly certificatesSource: string;
  /** PEM; without it everything works as long as nothing must be signed. */
  readonly key?: Secret | undefined;
  readonly keySource?: string | undefined;
  /** Opens the key, and encrypts it at rest; without it the key is stored as plain PKCS#8. */
  readonly passphrase?: Secret | undefined;
  /** Members trust it already: where it is to sign nothing, it need not be fit for that. */
  readonly isTrusted?: boolean;
  /** What helps where it is not fit. */
  readonly otherwise?: Next;
}

interface Link {
  readonly x509: X509Certificate;
  readonly fact: CertificateFact;
}

/** A CA that may take its place in a store. */
export interface FitCa {
  /** PEM */
  readonly certificate: string;
  /** PEM of the CAs above it. */
  readonly parents: readonly string[];
  readonly key: KeyObject | undefined;
  readonly passphrase: Secret | undefined;
}

/**
 * Puts an existing CA into a store. Throws a Failure when it could not sign `names`, the names of members, when the bundle
 * is not a chain, or when the store has a CA.
 */
export async function bringCa(
  directory: string,
  brought: BroughtCa,
  now: Date,
  names: readonly string[] = [],
): Promise<void> {
  await putCa(directory, fitCa(brought, now, names));
}

/**
 * The CA whose key it is, or the lowest of the bundle, with those above it. Throws a Failure when it could not sign
 * certificates that etcd takes for these names, or when the bundle is not a chain.
 */
export function fitCa(brought: BroughtCa, now: Date, names: readonly string[] = []): FitCa {
  const { certificatesSource: source, passphrase, otherwise } = brought;
  const mustSign = brought.isTrusted !== true || brought.key !== undefined;
  const links = certificatesOf(brought.certificates, source).map((der) => ({
    x509: new X509Certificate(der),
    fact: inspectDer(der, source),
  }));
  const keySource = brought.keySource ?? 'the key';
  const key = brought.key && readPrivateKey(brought.key, keySource, passphrase);
  const own =
    key === undefined ? lowest(links) : links.find(({ x509 }) => x509.checkPrivateKey(key));
  if (own === undefined) {
    const why =
      key === undefined
        ? `${source}: holds no CA at the end of a chain`
        : `${keySource}: is the key of no certificate in ${source}`;
    throw new Failure('refused', why, {
      next: [remedy`bring the certificate of the CA and its own key`],
    });
  }
  const chain = [own, ...above(own, links)];
  refuseStray(chain, links, source);
  if (mustSign) refuseUnfit(chain, source, now, otherwise);
  const why = mustSign ? whyNotForMembers(own.fact, names) : undefined;
  if (why !== undefined) {
    const holder = describeName(own.fact.subject);
    throw new Failure('refused', `${source}: ${holder}: ${why}`, {
      next: otherwise ?? [
        remedy`bring a CA that may sign for members, or leave the option out, and one is made`,
      ],
    });
  }
  const [certificate = '', ...parents] = chain.map(({ x509 }) => x509.toString());
  return { certificate, parents, key, passphrase };
}

/**
 * Writes the CA as `ca.crt`, those above it as `ca-chain.crt`. Hosts trust `ca.crt` alone, so that no other certificate of
 * a company's root gets into etcd. Throws a Failure when the store has a CA, or another key.
 */
export async function putCa(
  directory: string,
  { certificate, parents, key, passphrase }: FitCa,
): Promise<void> {
  const paths = pathsOf(directory, 'ca');
  await makePrivateDirectory(directory);
  await refuseIfShared(directory);
  if ((await readIfThere(paths.certificate)) !== undefined) throw isThere(paths.certificate);
  if (key !== undefined) await writeKey(paths.key, key, passphrase);
  if (parents.length > 0) await writeAtomically(chainPath(directory), parents.join(''));
  if (!(await writeFirst(paths.certificate, certificate))) throw isThere(paths.certificate);
}

// A key alone may be what a killed run left of this same CA; any other is somebody's, and stays.
async function writeKey(
  path: string,
  key: KeyObject,
  passphrase: Secret | undefined,
): Promise<void> {
  const text =
    passphrase === undefined ? privateKeyPem(key) : await encryptedKeyPem(key, passphrase);
  if (await writeFirst(path, text)) return;
  const left = readPrivateKey((await readSecretIfThere(path)) ?? text, path, passphrase);
  if (left.equals(key)) return writeAtomically(path, text);
  throw new Failure('refused', `${path}: is there already, and is another key`, {
    next: [remedy`move ${path} away, or name another pki.store`],
  });
}

// The one that issued none of the others.
function lowest(links: readonly Link[]): Link | undefined {
  const ends = links.filter(
    (link) => !links.some((other) => other !== link && issued(link, other)),
  );
  return ends.length === 1 ? ends[0] : undefined;
}

function above(link: Link, links: readonly Link[]): readonly Link[] {
  const rest = links.filter((other) => other !== link);
  const parent = rest.find((other) => issued(other, link));
  return parent === undefined ? [] : [parent, ...above(parent, rest)];
}

function issued(parent: Link, child: Link): boolean {
  return child.x509.checkIssued(parent.x509) && child.x509.verify(parent.x509.publicKey);
}

function refuseUnfit(
  chain: readonly Link[],
  source: string,
  now: Date,
  next: Next = OTHER_CA,
): void {
  for (const [depth, { fact }] of chain.entries()) {
    const holder = describeName(fact.subject);
    const unfit = whyCaUnfit(fact, now);
    if (unfit !== undefined)
      throw new Failure('refused', `${source}: ${holder}: ${unfit}`, { next });
    if (fact.pathLength !== undefined && fact.pathLength < depth) {
      throw new Failure(
        'refused',
        `${source}: ${holder} allows ${fact.pathLength} CAs below it, not ${depth}`,
        { next },
      );
    }
  }
}

function refuseStray(chain: readonly Link[], links: readonly Link[], source: string): void {
  const stray = links.find((link) => !chain.includes(link));
  if (stray === undefined) return;
  const name = describeName(stray.fact.subject);
  throw new Failure('refused', `${source}: ${name} is not part of the chain of this CA`, {
    next: [remedy`take it out of the file`],
  });
}
