import asn1 from 'node-forge/lib/asn1.js';
import type { Der } from './der.ts';

/** What was read is not the structure it should be; readers of files turn it into a Failure that names the file. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

// Bit strings hold keys and signatures here, never structures to descend into; the declared type lacks these options.
const OPTIONS = { strict: true, decodeBitStrings: false } as unknown as boolean;

/** The bytes as a structure; throws a DerError for anything but one whole DER value. */
export function decode(bytes: Buffer): Der {
  try {
    return asn1.fromDer(bytes.toString('latin1'), OPTIONS);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DerError(`is not DER (${why})`, { cause: error });
  }
}

/** The items of a SEQUENCE, SET or constructed tag; throws a DerError for a primitive. */
export function items(node: Der | undefined): readonly Der[] {
  if (node === undefined) throw new DerError('lacks a part it must have');
  if (typeof node.value === 'string') throw new DerError('holds a value where a list belongs');
  return node.value;
}

/** The content of a primitive; throws a DerError for a list. */
export function content(node: Der | undefined): Buffer {
  if (node === undefined) throw new DerError('lacks a part it must have');
  if (typeof node.value !== 'string') throw new DerError('holds a list where a value belongs');
  return Buffer.from(node.value, 'latin1');
}

/** An OBJECT IDENTIFIER in dotted form (X.690 §8.19). */
export function readOid(node: Der | undefined): string {
  return asn1.derToOid(content(node).toString('latin1'));
}

/** A small number such as a version or a path length; throws a DerError beyond 32 bits. */
export function readNumber(node: Der | undefined): number {
  const bytes = content(node);
  if (bytes.length === 0 || bytes.length > 4) throw new DerError('holds a number out of range');
  return bytes.readIntBE(0, bytes.length);
}

/** A whole number as lower-case hexadecimal digits, with a minus sign when negative. */
export function readHex(node: Der | undefined): string {
  const bytes = content(node);
  if (bytes.length === 0) throw new DerError('holds an empty number');
  const raw = BigInt(`0x${bytes.toString('hex')}`);
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  if (negative) return `-${(2n ** BigInt(bytes.length * 8) - raw).toString(16)}`;
  return raw.toString(16);
}

/** A BOOLEAN: every octet but zero is true (X.690 §8.2). */
export function readBoolean(node: Der | undefined): boolean {
  return content(node)[0] !== 0;
}

/** The bytes of a BIT STRING without its leading count of unused bits. */
export function readBits(node: Der | undefined): Buffer {
  return content(node).subarray(1);
}

/** The numbers of the set bits, first bit 0 (named bit lists such as KeyUsage). */
export function readFlags(node: Der | undefined): readonly number[] {
  const bytes = readBits(node);
  const all = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
  return all.filter((bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** A UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5). */
export function readTime(node: Der | undefined): Date {
  const text = content(node).toString('latin1');
  const date =
    node?.type === asn1.Type.GENERALIZEDTIME
      ? asn1.generalizedTimeToDate(text)
      : asn1.utcTimeToDate(text);
  if (Number.isNaN(date.getTime())) throw new DerError(`holds ${JSON.stringify(text)} as a date`);
  return date;
}

/** Text of whichever string type; UTF-8 and UTF-16 are decoded, the rest is Latin-1. */
export function readText(node: Der | undefined): string {
  // forge has decoded a BMPString already.
  if (node?.type === asn1.Type.BMPSTRING && typeof node.value === 'string') return node.value;
  return content(node).toString(node?.type === asn1.Type.UTF8 ? 'utf8' : 'latin1');
}

/** Whether the node carries the context tag `[tag]`. */
export function hasTag(node: Der | undefined, tag: number): boolean {
  return node?.tagClass === asn1.Class.CONTEXT_SPECIFIC && Number(node.type) === tag;
}

/** Whether the node is of the universal type. */
export function isType(node: Der | undefined, type: keyof typeof TYPES): boolean {
  return node?.tagClass === asn1.Class.UNIVERSAL && node.type === TYPES[type];
}

const TYPES = {
  boolean: asn1.Type.BOOLEAN,
  integer: asn1.Type.INTEGER,
  printable: asn1.Type.PRINTABLESTRING,
  sequence: asn1.Type.SEQUENCE,
  utcTime: asn1.Type.UTCTIME,
  generalizedTime: asn1.Type.GENERALIZEDTIME,
} as const;

/** The exact bytes of the first item inside the outer SEQUENCE: what a signature of X.509 covers. */
export function signedBytes(der: Buffer): Buffer {
  const inner = header(der, 0).start;
  const first = header(der, inner);
  return der.subarray(inner, first.start + first.length);
}

function header(der: Buffer, at: number): { readonly start: number; readonly length: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > der.length) {
    throw new DerError('is not DER (length)');
  }
  return { start: at + 2 + count, length: der.readUIntBE(at + 2, count) };
}
