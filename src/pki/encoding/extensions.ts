import { bits, boolean, type Der, integer, octets, oid, sequence, taggedBytes } from './der.ts';
import { content, isType, items, readBoolean, readOid } from './der-read.ts';
import { generalNames } from './general-names.ts';
import { EXTENDED_USAGES, EXTENSIONS, KEY_USAGES, type KeyUsage, type Usage } from './oids.ts';

/** What a certificate says beyond subject, key and dates. */
export interface Claims {
  readonly names: readonly string[];
  readonly usages: readonly Usage[];
  readonly keyUsages: readonly KeyUsage[];
  /** Present for a CA; without a length any number of CAs may follow below it. */
  readonly ca?: { readonly pathLength?: number | undefined } | undefined;
}

/** An extension as it stands in a certificate or CRL: its content still DER. */
export interface Extension {
  readonly number: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** The extensions of a certificate. The names are critical where the subject is empty (RFC 5280 §4.2.1.6). */
export function certificateExtensions(
  claims: Claims,
  ids: { readonly subject: Buffer; readonly authority: Buffer | undefined },
  hasSubject: boolean,
): Der {
  const { names, usages, keyUsages, ca } = claims;
  const extensions = [
    extension('basicConstraints', true, constraints(ca)),
    keyUsages.length > 0 && extension('keyUsage', true, keyUsageBits(keyUsages)),
    usages.length > 0 &&
      extension(
        'extKeyUsage',
        false,
        sequence(...usages.map((usage) => oid(EXTENDED_USAGES[usage]))),
      ),
    names.length > 0 && extension('subjectAltName', !hasSubject, generalNames(names)),
    extension('subjectKeyIdentifier', false, octets(ids.subject)),
    ids.authority !== undefined && authorityExtension(ids.authority),
  ];
  return sequence(...extensions.filter((one) => one !== false));
}

/** Which key signed: the 20 bytes of its identifier. */
export function authorityExtension(keyId: Buffer): Der {
  return extension('authorityKeyIdentifier', false, sequence(taggedBytes(0, keyId)));
}

/** One extension by its name in the table. */
export function extension(name: keyof typeof EXTENSIONS, critical: boolean, value: Der): Der {
  const flag = critical ? [boolean(true)] : [];
  return sequence(oid(EXTENSIONS[name]), ...flag, octets(value));
}

/** The extensions of a SEQUENCE, each with its content unread. */
export function readExtensions(node: Der | undefined): readonly Extension[] {
  if (node === undefined) return [];
  return items(node).map((one) => {
    const [number, second, third] = items(one);
    const hasFlag = isType(second, 'boolean');
    return {
      number: readOid(number),
      critical: hasFlag && readBoolean(second),
      value: content(hasFlag ? third : second),
    };
  });
}

function constraints(ca: Claims['ca']): Der {
  if (ca === undefined) return sequence();
  const length = ca.pathLength === undefined ? [] : [integer(ca.pathLength)];
  return sequence(boolean(true), ...length);
}

// A named bit list drops its trailing zero bits (X.690 §11.2.2).
function keyUsageBits(usages: readonly KeyUsage[]): Der {
  const positions = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const last = Math.max(...positions);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (const position of positions) {
    bytes[position >> 3] = (bytes[position >> 3] ?? 0) | (0x80 >> (position & 7));
  }
  return bits(bytes, 7 - (last & 7));
}
