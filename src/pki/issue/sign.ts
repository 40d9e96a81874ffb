import { type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { integer, pem, sequence, tagged, time } from '../encoding/der.ts';
import { decode, items } from '../encoding/der-read.ts';
import { describeName, nameToDer } from '../encoding/distinguished-name.ts';
import { certificateExtensions } from '../encoding/extensions.ts';
import { outsideConstraints } from '../encoding/name-constraints.ts';
import type { KeyUsage } from '../encoding/oids.ts';
import { algorithmFor, signed } from '../encoding/signature.ts';
import { keyId, publicKeyBytes } from '../keys/keys.ts';
import { distinctNames, whyBadName } from '../names.ts';
import type { CertificateFact } from '../verify/inspect.ts';
import { BACKDATE } from '../verify/judge.ts';
import type { Draft } from './draft.ts';
import { verifyIssued } from './verify-issued.ts';

/** A CA that can sign: its certificate and its key. */
export interface SigningCa {
  readonly certificate: string;
  readonly fact: CertificateFact;
  readonly key: KeyObject;
}

const HOUR = 3_600_000;

/** Key usages of a leaf: RSA key exchange (TLS 1.2) needs keyEncipherment, elliptic curves have none. */
export function leafKeyUsages(key: { readonly algo: string }): readonly KeyUsage[] {
  return key.algo === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
}

/**
 * The certificate as PEM, signed by the CA, never valid outside the CA's own dates. Throws a Failure for names nobody
 * would accept, and when what came out is not what was asked for, by the reading of node's verifier.
 */
export async function signLeaf(wanted: Draft, ca: SigningCa, now: Date): Promise<string> {
  const draft = { ...wanted, names: distinctNames(wanted.names) };
  refuseHopeless(draft, ca);
  const parent = new X509Certificate(ca.certificate);
  const [body] = items(decode(parent.raw));
  // Byte for byte the CA's own subject: a re-encoded name would not chain.
  const issuer = items(body)[5];
  if (issuer === undefined) throw new TypeError('a CA certificate of version 1');
  const from = Math.max(now.getTime() - BACKDATE, ca.fact.notBefore.getTime());
  const to = Math.min(from + draft.hours * HOUR, ca.fact.notAfter.getTime());
  const validity = { from: new Date(from), to: new Date(to) };
  const authority =
    ca.fact.subjectKeyId === undefined
      ? keyId(parent.publicKey)
      : Buffer.from(ca.fact.subjectKeyId, 'hex');
  const certificate = await assemble(draft, validity, { name: issuer, authority, key: ca.key });
  verifyIssued(certificate, draft, parent);
  return certificate;
}

/** A self-signed CA certificate as PEM. Throws a Failure for names nobody would accept, and for no time to live. */
export async function signCa(wanted: Draft, key: KeyObject, now: Date): Promise<string> {
  const draft = { ...wanted, names: distinctNames(wanted.names) };
  refuseMeaningless(draft);
  const from = now.getTime() - BACKDATE;
  const validity = { from: new Date(from), to: new Date(from + draft.hours * HOUR) };
  const issuer = { name: nameToDer(draft.subject), authority: undefined, key };
  const certificate = await assemble(draft, validity, issuer);
  verifyIssued(certificate, draft, new X509Certificate(certificate));
  return certificate;
}

function refuseMeaningless(draft: Draft): string {
  const holder = describeName(draft.subject) || draft.names.join(', ');
  if (holder === '')
    throw new Failure('usage', 'a certificate needs a subject or a name', {
      next: [remedy`give it a subject or a name, such as --cn NAME`],
    });
  for (const name of draft.names) {
    const why = /@|:\/\//.test(name) ? undefined : whyBadName(name);
    if (why !== undefined) {
      throw new Failure('usage', `${holder}: the name ${JSON.stringify(name)} ${why}`, {
        next: [remedy`correct or leave out that name`],
      });
    }
  }
  // RFC 5280 §4.1.2.5 knows no date after 9999.
  if (draft.hours * HOUR <= BACKDATE || draft.hours > 24 * 366 * 5000) {
    throw new Failure('usage', `${holder}: cannot live for ${draft.hours} hours`, {
      next: [
        remedy`give it more than ten minutes, which it is dated back for clocks that run behind, and less than 5000 years`,
      ],
    });
  }
  return holder;
}

function refuseHopeless(draft: Draft, ca: SigningCa): void {
  const holder = refuseMeaningless(draft);
  if (draft.ca !== undefined && ca.fact.pathLength === 0) {
    throw new Failure(
      'refused',
      `${holder}: the CA ${describeName(ca.fact.subject)} may sign no other CA`,
      { next: [remedy`have it signed by a CA that may, or by the root itself`] },
    );
  }
  const outside = outsideConstraints(draft.names, ca.fact.nameConstraints);
  if (outside.length > 0) {
    const issuer = describeName(ca.fact.subject);
    throw new Failure(
      'refused',
      `${holder}: the CA ${issuer} may not certify ${outside.join(', ')}`,
      {
        next: [remedy`take these names out, or use a CA without such name constraints`],
      },
    );
  }
}

async function assemble(
  draft: Draft,
  validity: { readonly from: Date; readonly to: Date },
  issuer: {
    readonly name: ReturnType<typeof nameToDer>;
    readonly authority: Buffer | undefined;
    readonly key: KeyObject;
  },
): Promise<string> {
  const ids = { subject: keyId(draft.publicKey), authority: issuer.authority };
  const body = sequence(
    tagged(0, integer(2)),
    integer(newSerial()),
    algorithmFor(issuer.key),
    issuer.name,
    sequence(time(validity.from), time(validity.to)),
    nameToDer(draft.subject),
    decode(publicKeyBytes(draft.publicKey)),
    tagged(3, certificateExtensions(draft, ids, draft.subject.length > 0)),
  );
  return pem('CERTIFICATE', await signed(body, issuer.key));
}

// Positive and of one length: Go since 1.23 rejects negative serials, RFC 5280 §4.1.2.2 those over 20 bytes.
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}
