import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Der } from '../encoding/der.ts';
import {
  content,
  DerError,
  decode,
  hasTag,
  isType,
  items,
  readHex,
  readTime,
} from '../encoding/der-read.ts';
import { type DistinguishedName, nameFromDer } from '../encoding/distinguished-name.ts';
import { type Extension, readExtensions } from '../encoding/extensions.ts';
import { EXTENSIONS } from '../encoding/oids.ts';
import { pemBlocks } from '../encoding/pem.ts';
import { signatureAlgorithm } from '../encoding/signature.ts';

const ONE_LIST = [remedy`give a file with one revocation list: openssl crl -in FILE -text`];

/** Why a certificate was revoked, in the order of their numbers (RFC 5280 §5.3.1 leaves 7 unused). */
export const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = (typeof REASONS)[number];

/** What a revocation list says. */
export interface CrlFact {
  readonly issuer: DistinguishedName;
  /** Hexadecimal; undefined in lists of version 1. */
  readonly number: string | undefined;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly revoked: readonly {
    readonly serial: string;
    readonly date: Date;
    readonly reason: RevocationReason | undefined;
  }[];
  readonly authorityKeyId: string | undefined;
  readonly signatureAlgorithm: string;
  /** etcd up to 3.5 reads both, etcd 3.6 refuses every connection when the list is PEM. */
  readonly form: 'der' | 'pem';
}

/** What the list says, with its DER; throws a Failure naming `source` when it is not a revocation list. */
export function inspectCrl(
  bytes: Buffer,
  source: string,
): { readonly fact: CrlFact; readonly der: Buffer } {
  const form = bytes.subarray(0, 4096).includes('-----BEGIN ') ? 'pem' : 'der';
  const der = form === 'pem' ? fromPem(bytes, source) : bytes;
  try {
    return { fact: read(der, form), der };
  } catch (error) {
    const why =
      error instanceof DerError ? `the list ${error.message}` : 'is not a revocation list';
    throw new Failure('failed', `${source}: ${why}`, { cause: error, next: ONE_LIST });
  }
}

function fromPem(bytes: Buffer, source: string): Buffer {
  const [block, ...rest] = pemBlocks(bytes.toString('latin1'), source);
  if (block?.label === 'X509 CRL' && rest.length === 0) return block.der;
  throw new Failure('failed', `${source}: does not hold one revocation list`, { next: ONE_LIST });
}

function read(der: Buffer, form: CrlFact['form']): CrlFact {
  const [body] = items(decode(der));
  // The version stands first and may be absent; then the order is fixed (RFC 5280 §5.1).
  const fields = items(body).filter((field, index) => index > 0 || !isType(field, 'integer'));
  const [, issuer, thisUpdate, ...rest] = fields;
  const nextUpdate = rest.find((field) => isDate(field));
  const list = rest.find((field) => isType(field, 'sequence'));
  const wrapper = rest.find((field) => hasTag(field, 0));
  const extensions = readExtensions(wrapper && items(wrapper)[0]);
  const number = find(extensions, 'cRLNumber');
  const authority = find(extensions, 'authorityKeyIdentifier');
  const id = authority && items(authority).find((part) => hasTag(part, 0));
  return {
    issuer: nameFromDer(issuer),
    number: number && readHex(number),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: nextUpdate && readTime(nextUpdate),
    revoked: list === undefined ? [] : items(list).map(readEntry),
    authorityKeyId: id && content(id).toString('hex'),
    signatureAlgorithm: signatureAlgorithm(der),
    form,
  };
}

function readEntry(node: Der): CrlFact['revoked'][number] {
  const [serial, date, extensions] = items(node);
  const reason = find(readExtensions(extensions), 'cRLReason');
  return {
    serial: readHex(serial),
    date: readTime(date),
    reason: reason && REASONS[content(reason)[0] ?? 0],
  };
}

function find(extensions: readonly Extension[], name: keyof typeof EXTENSIONS): Der | undefined {
  const found = extensions.find((one) => one.number === EXTENSIONS[name]);
  return found && decode(found.value);
}

function isDate(field: Der): boolean {
  return isType(field, 'utcTime') || isType(field, 'generalizedTime');
}
