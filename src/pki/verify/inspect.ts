import { createHash, X509Certificate } from 'node:crypto';
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
  readBoolean,
  readFlags,
  readHex,
  readNumber,
  readOid,
  readTime,
} from '../encoding/der-read.ts';
import {
  type DistinguishedName,
  misspeltParts,
  nameFromDer,
} from '../encoding/distinguished-name.ts';
import { type Extension, readExtensions } from '../encoding/extensions.ts';
import { readGeneralNames } from '../encoding/general-names.ts';
import { type NameConstraints, readNameConstraints } from '../encoding/name-constraints.ts';
import { EXTENDED_USAGES, EXTENSIONS, KEY_USAGES, nameOf } from '../encoding/oids.ts';
import { pemBlocks } from '../encoding/pem.ts';
import { signatureAlgorithm } from '../encoding/signature.ts';
import { type FoundKeyKind, kindOf, publicKeyBytes } from '../keys/keys.ts';

const CERTIFICATE = [remedy`give a file with certificates in PEM: openssl x509 -in FILE -text`];

/** What a certificate says. Identifiers and serials are lower-case hexadecimal without leading zeros or colons. */
export interface CertificateFact {
  readonly serial: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** Subject alternative names in their one spelling; `DNS:10.0.0.5` is an address in the wrong place. */
  readonly names: readonly string[];
  /** Extended key usages; empty when the certificate does not limit them. */
  readonly usages: readonly string[];
  readonly keyUsages: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly key: FoundKeyKind;
  readonly fingerprint256: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo): the same for every certificate of one key. */
  readonly publicKeySha256: string;
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  readonly signatureAlgorithm: string;
  readonly isSelfSigned: boolean;
  /** Parts of subject or issuer that Go cannot read, and so etcd refuses. */
  readonly misspelt: readonly string[];
  /** Numbers of critical extensions that no verifier here understands. */
  readonly unknownCritical: readonly string[];
}

/** What the one certificate in the PEM text says; throws a Failure naming `source` when there is none, or several. */
export function inspectCertificate(pem: string, source = 'the certificate'): CertificateFact {
  const [first, ...rest] = inspectBundle(pem, source);
  if (first !== undefined && rest.length === 0) return first;
  throw new Failure('failed', `${source}: holds ${rest.length + 1} certificates, not one`, {
    next: [remedy`leave only the one that is meant in it`],
  });
}

/** What each certificate of the PEM text says, in order; throws a Failure for none, and for any other kind of block. */
export function inspectBundle(pem: string, source = 'the bundle'): readonly CertificateFact[] {
  return certificatesOf(pem, source).map((der) => inspectDer(der, source));
}

/** The certificates of the PEM text as DER, in order; throws a Failure for none, and for any other kind of block. */
export function certificatesOf(pem: string, source: string): readonly Buffer[] {
  const blocks = pemBlocks(pem, source);
  const stray = blocks.find((block) => !/^(TRUSTED |X509 )?CERTIFICATE$/.test(block.label));
  if (stray !== undefined) {
    throw new Failure('failed', `${source}: holds a ${stray.label} where a certificate belongs`, {
      next: CERTIFICATE,
    });
  }
  if (blocks.length === 0)
    throw new Failure('failed', `${source}: holds no certificate`, { next: CERTIFICATE });
  return blocks.map((block) => block.der);
}

/** What the DER certificate says; throws a Failure naming `source` when node or we cannot read it. */
export function inspectDer(der: Buffer, source = 'the certificate'): CertificateFact {
  try {
    return read(der);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why =
      error instanceof DerError ? `the certificate ${error.message}` : 'is not a certificate';
    throw new Failure('failed', `${source}: ${why}`, { cause: error, next: CERTIFICATE });
  }
}

function read(der: Buffer): CertificateFact {
  const x509 = new X509Certificate(der);
  const [body] = items(decode(der));
  // The version stands first and may be absent; then the order is fixed (RFC 5280 §4.1).
  const fields = items(body).filter((field, index) => index > 0 || !hasTag(field, 0));
  const [serial, , issuer, validity, subject] = fields;
  const [notBefore, notAfter] = items(validity);
  const wrapper = fields.find((field, index) => index > 5 && hasTag(field, 3));
  const extensions = readExtensions(wrapper === undefined ? undefined : items(wrapper)[0]);
  const known = claims(extensions);

  return {
    serial: readHex(serial),
    subject: nameFromDer(subject),
    issuer: nameFromDer(issuer),
    misspelt: [...misspeltParts(subject), ...misspeltParts(issuer)],
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    ...known,
    key: kindOf(x509.publicKey),
    fingerprint256: createHash('sha256').update(der).digest('hex'),
    publicKeySha256: createHash('sha256').update(publicKeyBytes(x509.publicKey)).digest('hex'),
    signatureAlgorithm: signatureAlgorithm(der),
    isSelfSigned: x509.subject === x509.issuer && x509.verify(x509.publicKey),
  };
}

/** What the extensions of a certificate or of a request say. */
export function claims(extensions: readonly Extension[]) {
  const find = (name: keyof typeof EXTENSIONS) => {
    const found = extensions.find((one) => one.number === EXTENSIONS[name]);
    return found && decode(found.value);
  };
  const basic = find('basicConstraints');
  const [first, second] = basic === undefined ? [] : items(basic);
  const isCa = isType(first, 'boolean') && readBoolean(first);
  const names = find('subjectAltName');
  const usages = find('extKeyUsage');
  const keyUsage = find('keyUsage');
  const constraints = find('nameConstraints');
  const subjectKey = find('subjectKeyIdentifier');
  const authorityKey = find('authorityKeyIdentifier');
  const authorityId = authorityKey && items(authorityKey).find((part) => hasTag(part, 0));

  return {
    names: names === undefined ? [] : readGeneralNames(names),
    usages: usages === undefined ? [] : items(usages).map(usageName),
    keyUsages:
      keyUsage === undefined
        ? []
        : readFlags(keyUsage).map((bit) => KEY_USAGES[bit] ?? `bit ${bit}`),
    isCa,
    pathLength: isCa && second !== undefined ? readNumber(second) : undefined,
    nameConstraints: constraints && readNameConstraints(constraints),
    subjectKeyId: subjectKey && content(subjectKey).toString('hex'),
    authorityKeyId: authorityId && content(authorityId).toString('hex'),
    unknownCritical: extensions
      .filter((one) => one.critical && !isUnderstood(one, constraints))
      .map((one) => one.number),
  };
}

/** Go understands constraints on DNS names, addresses, mail and URIs, and refuses a critical extension with others. */
function isUnderstood({ number }: Extension, constraints: Der | undefined): boolean {
  if (number === EXTENSIONS.nameConstraints && constraints !== undefined) {
    const { permitted, excluded } = readNameConstraints(constraints);
    return ![...permitted, ...excluded].some((rule) => /^other:\[(?![16]\])/.test(rule));
  }
  return Object.values<string>(EXTENSIONS).includes(number);
}

function usageName(node: Parameters<typeof readOid>[0]): string {
  return nameOf(EXTENDED_USAGES, readOid(node));
}
