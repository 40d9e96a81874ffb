import { type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { kindOf } from '../keys/keys.ts';
import { bits, type Der, encode, nothing, oid, sequence } from './der.ts';
import { DerError, decode, items, readBits, readOid, signedBytes } from './der-read.ts';
import { nameOf, SIGNATURES } from './oids.ts';

const signBytes = promisify(sign) as (
  hash: string | null,
  data: Buffer,
  key: KeyObject,
) => Promise<Buffer>;

/** How a key signs: hash and the AlgorithmIdentifier that says so. RSA's has a NULL parameter (RFC 4055 §5). */
function schemeOf(key: KeyObject): { readonly hash: string | null; readonly algorithm: Der } {
  const { algo, size } = kindOf(key);
  if (algo === 'rsa') return scheme('sha256', 'sha256WithRSAEncryption', nothing());
  if (algo === 'ecdsa' && size === 256) return scheme('sha256', 'ecdsa-with-SHA256');
  if (algo === 'ecdsa' && size === 384) return scheme('sha384', 'ecdsa-with-SHA384');
  if (algo === 'ecdsa' && size === 521) return scheme('sha512', 'ecdsa-with-SHA512');
  if (algo === 'ed25519') return scheme(null, 'Ed25519');
  throw new DerError(`cannot be signed by a key of kind ${algo}`);
}

function scheme(hash: string | null, name: string, ...parameters: readonly Der[]) {
  return { hash, algorithm: sequence(oid(SIGNATURES[name] ?? name), ...parameters) };
}

/** The AlgorithmIdentifier the key will sign with; stands inside what is signed as well. */
export function algorithmFor(key: KeyObject): Der {
  return schemeOf(key).algorithm;
}

/** `SEQUENCE {body, algorithm, signature}` as DER: a certificate, a CSR or a CRL. Signed on the thread pool. */
export async function signed(body: Der, key: KeyObject): Promise<Buffer> {
  const { hash, algorithm } = schemeOf(key);
  const signature = await signBytes(hash, encode(body), key);
  return encode(sequence(body, algorithm, bits(signature)));
}

/** The name of the algorithm that signed the structure, or its number. */
export function signatureAlgorithm(der: Buffer): string {
  const [, algorithm] = items(decode(der));
  return nameOf(SIGNATURES, readOid(items(algorithm)[0]));
}

const HASHES: Readonly<Record<string, string | null>> = {
  sha256WithRSAEncryption: 'sha256',
  sha384WithRSAEncryption: 'sha384',
  sha512WithRSAEncryption: 'sha512',
  'ecdsa-with-SHA256': 'sha256',
  'ecdsa-with-SHA384': 'sha384',
  'ecdsa-with-SHA512': 'sha512',
  Ed25519: null,
};

/**
 * Whether the key signed the structure. SHA-1 and MD5 count as no signature, as in Go since 1.18.
 * Certificates are verified by node's own X509Certificate; this is for CSRs and CRLs, which node does not read.
 */
export function isSignedBy(der: Buffer, publicKey: KeyObject): boolean {
  const [, , signature] = items(decode(der));
  const hash = HASHES[signatureAlgorithm(der)];
  if (hash === undefined) return false;
  try {
    return verify(hash, signedBytes(der), publicKey, readBits(signature));
  } catch {
    // node throws where the key is of another family than the signature.
    return false;
  }
}
