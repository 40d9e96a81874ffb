import { type KeyObject, X509Certificate } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { SigningCa } from '../issue/sign.ts';
import { keyId } from '../keys/keys.ts';
import { type CrlFact, inspectCrl, REASONS, type RevocationReason } from '../verify/inspect-crl.ts';
import { type Der, enumerated, integer, sequence, tagged, time } from './der.ts';
import { decode, items } from './der-read.ts';
import { authorityExtension, extension } from './extensions.ts';
import { algorithmFor, isSignedBy, signed } from './signature.ts';

/** A certificate that is no longer trusted: its serial number in hexadecimal. */
export interface Revocation {
  readonly serial: string;
  readonly date: Date;
  readonly reason?: RevocationReason | undefined;
}

const HOUR = 3_600_000;

/**
 * A certificate revocation list (RFC 5280 §5) as DER, the only form that etcd 3.6 reads. `number` grows with each list;
 * the list says of itself that a newer one follows within `hours`, which etcd does not check but others do.
 */
export async function buildCrl(
  ca: SigningCa,
  revocations: readonly Revocation[],
  number: bigint,
  hours: number,
  now: Date,
): Promise<Buffer> {
  const { keyUsages } = ca.fact;
  if (keyUsages.length > 0 && !keyUsages.includes('cRLSign')) {
    throw new Failure(
      'refused',
      'the CA certificate lacks the usage cRLSign: its lists would be refused',
      {
        next: [remedy`use a CA that may sign revocation lists`],
      },
    );
  }
  const parent = new X509Certificate(ca.certificate);
  const [certificate] = items(decode(parent.raw));
  const issuer = items(certificate)[5];
  if (issuer === undefined) throw new TypeError('a CA certificate of version 1');
  const authority = ca.fact.subjectKeyId;
  const id = authority === undefined ? keyId(parent.publicKey) : Buffer.from(authority, 'hex');
  const body = sequence(
    integer(1),
    algorithmFor(ca.key),
    issuer,
    time(now),
    time(new Date(now.getTime() + hours * HOUR)),
    // An empty list must be left out (RFC 5280 §5.1.2.6).
    ...(revocations.length === 0 ? [] : [sequence(...revocations.map(entry))]),
    tagged(
      0,
      sequence(authorityExtension(id), extension('cRLNumber', false, integer(positive(number)))),
    ),
  );
  const der = await signed(body, ca.key);
  prove(der, parent.publicKey, revocations);
  return der;
}

/** The revocations of an earlier list with more of them; what was revoked once keeps its date. */
export function mergeRevocations(
  earlier: CrlFact | undefined,
  more: readonly Revocation[],
): readonly Revocation[] {
  const before = earlier?.revoked ?? [];
  const known = new Set(before.map(numberOf));
  return [...before, ...more.filter((one) => !known.has(numberOf(one)))];
}

function entry({ serial, date, reason }: Revocation): Der {
  const extensions =
    reason === undefined || reason === 'unspecified'
      ? []
      : [sequence(extension('cRLReason', false, enumerated(REASONS.indexOf(reason))))];
  return sequence(integer(positive(numberOf({ serial }))), time(date), ...extensions);
}

// One number is written in many ways: with leading zeros, in capitals.
function numberOf({ serial }: Pick<Revocation, 'serial'>): bigint {
  return BigInt(`0x${serial}`);
}

// A leading one bit would make the number negative.
function positive(number: bigint): Buffer {
  const digits = number.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

function prove(der: Buffer, publicKey: KeyObject, revocations: readonly Revocation[]): void {
  const { fact } = inspectCrl(der, 'the new revocation list');
  const complete = fact.revoked.map(numberOf).join() === revocations.map(numberOf).join();
  if (complete && isSignedBy(der, publicKey)) return;
  throw new Failure('failed', 'the new revocation list failed verification', {
    next: [remedy`nothing was written; report this`],
  });
}
