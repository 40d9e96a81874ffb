import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { samePublicKey } from '../keys/keys.ts';
import { canonicalNames } from '../names.ts';
import { inspectDer } from '../verify/inspect.ts';
import type { Draft } from './draft.ts';

/**
 * Reads a certificate back with node's verifier, before anybody uses it: signature, key, dates, every name, every
 * usage. Throws a Failure that names the first thing that is not as drafted.
 */
export function verifyIssued(certificate: string, draft: Draft, issuer: X509Certificate): void {
  const x509 = new X509Certificate(certificate);
  const fact = inspectDer(x509.raw);
  const flaws = [
    !x509.verify(issuer.publicKey) && 'its signature does not verify',
    !x509.checkIssued(issuer) && 'its issuer is not the CA',
    !samePublicKey(x509.publicKey, draft.publicKey) && 'it holds another key',
    fact.notAfter <= fact.notBefore && 'it would never be valid',
    fact.isCa !== (draft.ca !== undefined) && 'its CA flag is wrong',
    ...draft.names.map((name) => !covers(x509, name) && `it does not cover ${name}`),
    fact.names.join() !== canonicalNames(draft.names).join() &&
      `it covers ${fact.names.join(', ')}`,
    fact.usages.join() !== draft.usages.join() && `it allows ${fact.usages.join(', ')}`,
    fact.keyUsages.join() !== sorted(draft, fact.keyUsages) && 'its key usages are wrong',
  ];
  const flaw = flaws.find((one) => one !== false);
  if (flaw === undefined) return;
  throw new Failure('failed', `a certificate was made that does not stand its own check: ${flaw}`, {
    next: [remedy`nothing was written; report this with the inventory`],
  });
}

function covers(x509: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return x509.checkIP(name) !== undefined;
  if (name.includes('@') || name.includes('://')) return true;
  // OpenSSL asks for two dots behind a wildcard label where Go does not; the comparison of lists covers `*.etcd`.
  if (name.startsWith('*.') && name.split('.').length < 3) return true;
  const host = name.replace(/^\*\./, 'any-label.');
  return x509.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined;
}

// The bits have an order of their own, the draft's list has not.
function sorted(draft: Draft, found: readonly string[]): string {
  const wanted = new Set<string>(draft.keyUsages);
  return wanted.size === found.length ? found.filter((usage) => wanted.has(usage)).join() : '?';
}
