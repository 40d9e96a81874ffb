import { createPublicKey, type KeyObject } from 'node:crypto';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { type FoundKeyKind, type KeyPair, kindOf, publicKeyBytes } from '../keys/keys.ts';
import { claims } from '../verify/inspect.ts';
import { encode, integer, oid, pem, sequence, setOf, tagged } from './der.ts';
import { DerError, decode, hasTag, items, readOid } from './der-read.ts';
import { type DistinguishedName, nameFromDer, nameToDer } from './distinguished-name.ts';
import { extension, readExtensions } from './extensions.ts';
import { generalNames } from './general-names.ts';
import { pemBlocks } from './pem.ts';
import { isSignedBy, signatureAlgorithm, signed } from './signature.ts';

const REQUEST = [
  remedy`give a file with one certificate signing request in PEM: openssl req -in FILE -text`,
];

/** What a certificate signing request asks for. */
export interface RequestFact {
  readonly subject: DistinguishedName;
  readonly names: readonly string[];
  readonly usages: readonly string[];
  readonly keyUsages: readonly string[];
  readonly key: FoundKeyKind;
  readonly wantsCa: boolean;
  readonly signatureAlgorithm: string;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** A PKCS#10 request as PEM (RFC 2986), signed by the key it is about. */
export async function makeRequest(
  wanted: { readonly subject: DistinguishedName; readonly names: readonly string[] },
  pair: KeyPair,
): Promise<string> {
  const names = extension('subjectAltName', false, generalNames(wanted.names));
  const attributes =
    wanted.names.length === 0 ? [] : [sequence(oid(EXTENSION_REQUEST), setOf(sequence(names)))];
  const body = sequence(
    integer(0),
    nameToDer(wanted.subject),
    decode(publicKeyBytes(pair.publicKey)),
    tagged(0, ...attributes),
  );
  return pem('CERTIFICATE REQUEST', await signed(body, pair.privateKey));
}

/**
 * What the request asks for, and its key. Throws a Failure naming `source` when it cannot be read or its signature does
 * not verify: then its maker does not have the key.
 */
export function inspectRequest(
  text: string,
  source: string,
): { readonly fact: RequestFact; readonly publicKey: KeyObject } {
  const [block, ...rest] = pemBlocks(text, source);
  if (block === undefined || rest.length > 0 || !/^(NEW )?CERTIFICATE REQUEST$/.test(block.label)) {
    throw new Failure('failed', `${source}: does not hold one certificate signing request`, {
      next: REQUEST,
    });
  }
  try {
    return read(block.der, source);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = error instanceof DerError ? `the request ${error.message}` : 'is not a request';
    throw new Failure('failed', `${source}: ${why}`, { cause: error, next: REQUEST });
  }
}

function read(der: Buffer, source: string) {
  const [body] = items(decode(der));
  const [, subject, key, ...tail] = items(body);
  if (key === undefined) throw new DerError('lacks a key');
  const publicKey = createPublicKey({ key: encode(key), format: 'der', type: 'spki' });
  if (!isSignedBy(der, publicKey)) {
    throw new Failure(
      'refused',
      `${source}: its signature (${signatureAlgorithm(der)}) does not verify`,
      {
        next: [remedy`have the request made again by the holder of the key`],
      },
    );
  }
  const attributes = tail.find((part) => hasTag(part, 0));
  const asked = (attributes === undefined ? [] : items(attributes))
    .map((attribute) => items(attribute))
    .find(([number]) => readOid(number) === EXTENSION_REQUEST);
  const known = claims(readExtensions(asked && items(asked[1])[0]));
  const fact: RequestFact = {
    subject: nameFromDer(subject),
    names: known.names,
    usages: known.usages,
    keyUsages: known.keyUsages,
    key: kindOf(publicKey),
    wantsCa: known.isCa,
    signatureAlgorithm: signatureAlgorithm(der),
  };
  return { fact, publicKey };
}
