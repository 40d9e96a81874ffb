import type forge from 'node-forge';
import asn1 from 'node-forge/lib/asn1.js';

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;

/** A node of an ASN.1 structure, to be written as or read from DER. */
export type Der = forge.asn1.Asn1;

/** SEQUENCE of the items, in their order. */
export function sequence(...items: readonly Der[]): Der {
  return asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, [...items]);
}

/** SET OF: DER demands its items in ascending order of their encodings (X.690 §11.6). */
export function setOf(...items: readonly Der[]): Der {
  const sorted = [...items].sort((left, right) => Buffer.compare(encode(left), encode(right)));
  return asn1.create(UNIVERSAL, asn1.Type.SET, true, sorted);
}

/** OBJECT IDENTIFIER of dotted numbers (X.690 §8.19). */
export function oid(dotted: string): Der {
  return primitive(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());
}

/** A number up to 2^31, or big-endian two's complement bytes of any length. */
export function integer(value: number | Buffer): Der {
  const bytes =
    typeof value === 'number' ? asn1.integerToDer(value).getBytes() : value.toString('latin1');
  return primitive(asn1.Type.INTEGER, bytes);
}

/** ENUMERATED (X.690 §8.4). */
export function enumerated(value: number): Der {
  return primitive(asn1.Type.ENUMERATED, asn1.integerToDer(value).getBytes());
}

/** BOOLEAN: DER knows one true, 0xff (X.690 §11.1). */
export function boolean(value: boolean): Der {
  return primitive(asn1.Type.BOOLEAN, value ? '\xff' : '\x00');
}

/** NULL (X.690 §8.8). */
export function nothing(): Der {
  return primitive(asn1.Type.NULL, '');
}

/** OCTET STRING of the bytes, or of a node’s encoding. */
export function octets(content: Buffer | Der): Der {
  const bytes = Buffer.isBuffer(content) ? content : encode(content);
  return primitive(asn1.Type.OCTETSTRING, bytes.toString('latin1'));
}

/** BIT STRING; `unused` bits at its end do not count (X.690 §8.6). */
export function bits(content: Buffer, unused = 0): Der {
  return primitive(asn1.Type.BITSTRING, String.fromCharCode(unused) + content.toString('latin1'));
}

/** UTF8String of any text. */
export function utf8(text: string): Der {
  return primitive(asn1.Type.UTF8, Buffer.from(text, 'utf8').toString('latin1'));
}

/** PrintableString: letters, digits and a few signs (X.680 §41.4). */
export function printable(text: string): Der {
  return primitive(asn1.Type.PRINTABLESTRING, text);
}

/** IA5String of ASCII text. */
export function ia5(text: string): Der {
  return primitive(asn1.Type.IA5STRING, text);
}

/** BMPString: UTF-16, as PKCS#12 wants its friendly names. */
export function bmp(text: string): Der {
  return primitive(asn1.Type.BMPSTRING, text);
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5); whole seconds. */
export function time(date: Date): Der {
  return date.getUTCFullYear() < 2050
    ? primitive(asn1.Type.UTCTIME, asn1.dateToUtcTime(date))
    : primitive(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
}

/** A context tag around whole nodes: `[0] { … }`. */
export function tagged(tag: number, ...items: readonly Der[]): Der {
  return asn1.create(CONTEXT_SPECIFIC, tag, true, [...items]);
}

/** A context tag in place of a primitive's own: `[2] "etcd01"`. */
export function taggedBytes(tag: number, content: Buffer): Der {
  return asn1.create(CONTEXT_SPECIFIC, tag, false, content.toString('latin1'));
}

/** The DER encoding of a node. */
export function encode(node: Der): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

/** The bytes as a PEM block (RFC 7468), 64 columns wide. */
export function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function primitive(type: forge.asn1.Type, bytes: string): Der {
  return asn1.create(UNIVERSAL, type, false, bytes);
}
