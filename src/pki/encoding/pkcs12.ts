import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import type { Secret } from '../../shell/secret.ts';
import { encryptKey } from '../keys/key-files.ts';
import { certificatesOf } from '../verify/inspect.ts';
import {
  bmp,
  type Der,
  encode,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  setOf,
  tagged,
} from './der.ts';
import { decode } from './der-read.ts';

const DATA = '1.2.840.113549.1.7.1';
const KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509 = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const SHA256 = '2.16.840.1.101.3.4.2.1';

/** Rounds of the integrity key: as dear to guess by as the encryption of the key, for the same passphrase. */
const MAC_ROUNDS = 300_000;

/**
 * Key, certificate and its CAs as one PKCS#12 file (RFC 7292) under a passphrase: the key by PBES2 with AES-256, the
 * whole by HMAC-SHA256. Certificates are public and stay unencrypted.
 */
export async function pkcs12(
  name: string,
  certificate: string,
  chain: readonly string[],
  key: KeyObject,
  passphrase: Secret,
): Promise<Buffer> {
  const [own, ...parents] = [certificate, ...chain].flatMap((text) => certificatesOf(text, name));
  if (own === undefined) throw new TypeError('no certificate');
  const link = createHash('sha1').update(own).digest();
  const marks = setOf(
    sequence(oid(FRIENDLY_NAME), setOf(bmp(name))),
    sequence(oid(LOCAL_KEY_ID), setOf(octets(link))),
  );
  const bags = [
    sequence(oid(KEY_BAG), tagged(0, await encryptedKey(key, passphrase)), marks),
    sequence(oid(CERTIFICATE_BAG), tagged(0, certificateBag(own)), marks),
    ...parents.map((parent) => sequence(oid(CERTIFICATE_BAG), tagged(0, certificateBag(parent)))),
  ];
  const safe = encode(sequence(data(encode(sequence(...bags)))));
  return encode(sequence(integer(3), data(safe), mac(safe, passphrase)));
}

async function encryptedKey(key: KeyObject, passphrase: Secret): Promise<Der> {
  return decode(await encryptKey(key, passphrase));
}

function certificateBag(der: Buffer): Der {
  return sequence(oid(X509), tagged(0, octets(der)));
}

function data(content: Buffer): Der {
  return sequence(oid(DATA), tagged(0, octets(content)));
}

function mac(safe: Buffer, passphrase: Secret): Der {
  const salt = randomBytes(16);
  const digest = createHmac('sha256', macKey(passphrase, salt)).update(safe).digest();
  return sequence(
    sequence(sequence(oid(SHA256), nothing()), octets(digest)),
    octets(salt),
    integer(MAC_ROUNDS),
  );
}

// RFC 7292 §B.2 for purpose 3 and one block of SHA-256, whose 32 bytes are all that HMAC needs.
function macKey(passphrase: Secret, salt: Buffer): Buffer {
  const password = Buffer.from(`${passphrase.reveal()}\0`, 'utf16le').swap16();
  const seed = Buffer.concat([Buffer.alloc(64, 3), filled(salt), filled(password)]);
  let block = createHash('sha256').update(seed).digest();
  for (let round = 1; round < MAC_ROUNDS; round += 1) {
    block = createHash('sha256').update(block).digest();
  }
  return block;
}

// Repeated to whole blocks of 64 bytes.
function filled(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / 64) * 64, bytes);
}
