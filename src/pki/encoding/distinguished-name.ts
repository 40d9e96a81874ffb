import { type Der, ia5, oid, printable, sequence, setOf, utf8 } from './der.ts';
import { isType, items, readOid, readText } from './der-read.ts';
import { NAME_PARTS, nameOf } from './oids.ts';

/** One part of a subject or issuer, such as `{type: 'CN', value: 'etcd01'}`; unknown types are dotted numbers. */
export interface NamePart {
  readonly type: string;
  readonly value: string;
}

/** The parts in the order in which they are encoded. */
export type DistinguishedName = readonly NamePart[];

/** The name as one line, most general part first: `C=CN, O=etcd, CN=etcd01`. */
export function describeName(name: DistinguishedName): string {
  // Foreign names end on a terminal here.
  const shown = (value: string) =>
    value.replaceAll(/([\\,])/g, '\\$1').replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return name.map(({ type, value }) => `${type}=${shown(value)}`).join(', ');
}

/** The first common name, or undefined. */
export function commonName(name: DistinguishedName): string | undefined {
  return name.find((part) => part.type === 'CN')?.value;
}

/**
 * The name as ASN.1. Text is UTF8String, because Go rejects a PrintableString that holds `_`, `@` or `*`;
 * RFC 5280 §A.1 keeps PrintableString for countries and serial numbers, IA5String for mail and domain parts.
 */
export function nameToDer(name: DistinguishedName): Der {
  return sequence(...name.map((part) => setOf(sequence(oid(numberOf(part.type)), textOf(part)))));
}

/** The parts of a Name, sets of several types flattened in their order (RFC 5280 §4.1.2.4). */
export function nameFromDer(node: Der | undefined): DistinguishedName {
  return items(node).flatMap((set) =>
    items(set).map((part) => {
      const [type, value] = items(part);
      return { type: nameOf(NAME_PARTS, readOid(type)), value: readText(value) };
    }),
  );
}

/**
 * Parts in a string type that cannot hold them: Go rejects the whole certificate with `invalid PrintableString` where
 * openssl and node shrug (golang/go#62607). Asterisk and ampersand are let through, as Go does.
 */
export function misspeltParts(node: Der | undefined): readonly string[] {
  return items(node).flatMap((set) =>
    items(set).flatMap((part) => {
      const [type, value] = items(part);
      const text = readText(value);
      const isFine = !isType(value, 'printable') || /^[A-Za-z0-9 '()+,./:=?*&-]*$/.test(text);
      return isFine ? [] : [`${nameOf(NAME_PARTS, readOid(type))}=${text}`];
    }),
  );
}

function numberOf(type: string): string {
  return NAME_PARTS[type] ?? type;
}

function textOf({ type, value }: NamePart): Der {
  if (type === 'emailAddress' || type === 'DC') return ia5(value);
  const isPrintable = /^[A-Za-z0-9 '()+,./:=?-]*$/.test(value);
  return (type === 'C' || type === 'serialNumber') && isPrintable ? printable(value) : utf8(value);
}
