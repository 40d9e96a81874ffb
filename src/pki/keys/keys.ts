import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { decode, items, readBits } from '../encoding/der-read.ts';

/** A kind of key we make: size in bits. */
export interface KeyKind {
  readonly algo: 'ecdsa' | 'rsa';
  readonly size: number;
}

/** A kind of key that was found: `ed25519` and others are possible too. */
export interface FoundKeyKind {
  readonly algo: string;
  readonly size: number;
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const CURVES: Readonly<Record<number, string>> = {
  256: 'prime256v1',
  384: 'secp384r1',
  521: 'secp521r1',
};

const generate = promisify(generateKeyPair);

/** A new key pair, made on the thread pool so that progress stays live. */
export async function generateKey(kind: KeyKind): Promise<KeyPair> {
  if (kind.algo === 'rsa') return generate('rsa', { modulusLength: kind.size });
  const namedCurve = CURVES[kind.size];
  if (namedCurve === undefined) throw new RangeError(`no curve of ${kind.size} bits`);
  return generate('ec', { namedCurve });
}

/** What kind of key it is, private or public. */
export function kindOf(key: KeyObject): FoundKeyKind {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type === 'rsa' || type === 'rsa-pss' || type === 'dsa') {
    return { algo: type, size: modulusLength ?? 0 };
  }
  if (type === 'ec') {
    const size = Object.entries(CURVES).find(([, curve]) => curve === namedCurve)?.[0];
    return size === undefined
      ? { algo: `ecdsa ${namedCurve}`, size: 0 }
      : { algo: 'ecdsa', size: Number(size) };
  }
  return { algo: type, size: type === 'ed448' ? 456 : 256 };
}

/** `ecdsa 256`, `rsa 2048` */
export function describeKey({ algo, size }: FoundKeyKind): string {
  return size === 0 ? algo : `${algo} ${size}`;
}

/** The public key as DER SubjectPublicKeyInfo. */
export function publicKeyBytes(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** 20 bytes that name the public key: the left 160 bits of its SHA-256 (RFC 7093 §2, method 1). */
export function keyId(publicKey: KeyObject): Buffer {
  const [, bitString] = items(decode(publicKeyBytes(publicKey)));
  return createHash('sha256').update(readBits(bitString)).digest().subarray(0, 20);
}

/** Whether the two are halves (or copies) of one pair. */
export function samePublicKey(left: KeyObject, right: KeyObject): boolean {
  return publicKeyBytes(left).equals(publicKeyBytes(right));
}
