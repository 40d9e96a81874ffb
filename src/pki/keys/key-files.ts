import { createCipheriv, createPrivateKey, type KeyObject, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { Secret } from '../../shell/secret.ts';
import { encode, integer, nothing, octets, oid, pem, sequence } from '../encoding/der.ts';

/** OWASP's figure for PBKDF2-HMAC-SHA256 (2023); about 0.2 s for each guess and for us. */
const ITERATIONS = 600_000;

const derive = promisify(pbkdf2);

/** The key as PKCS#8 PEM, which every Go since 1.0 reads for RSA and ECDSA alike. */
export function privateKeyPem(key: KeyObject): Secret {
  return new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** The key in the older PEM form that cfssl writes: `RSA PRIVATE KEY` or `EC PRIVATE KEY`. */
export function traditionalKeyPem(key: KeyObject): Secret {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return new Secret(key.export({ type, format: 'pem' }).toString());
}

/** The key as encrypted PKCS#8 PEM: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018), readable by openssl. */
export async function encryptedKeyPem(key: KeyObject, passphrase: Secret): Promise<Secret> {
  return new Secret(pem('ENCRYPTED PRIVATE KEY', await encryptKey(key, passphrase)));
}

/** The key as DER EncryptedPrivateKeyInfo, as PEM and PKCS#12 hold it. */
export async function encryptKey(key: KeyObject, passphrase: Secret): Promise<Buffer> {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const secret = await derive(passphrase.reveal(), salt, ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  plain.fill(0);

  const derivation = sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octets(salt), integer(ITERATIONS), sequence(oid('1.2.840.113549.2.9'), nothing())),
  );
  const encryption = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  const scheme = sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, encryption));
  return encode(sequence(scheme, octets(encrypted)));
}

/** Whether the PEM needs a passphrase: PKCS#8 or the older `Proc-Type` header. */
export function isEncryptedPem(text: Secret): boolean {
  return /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text.reveal());
}

/**
 * The private key in the PEM text: PKCS#8, PKCS#1 or SEC1, encrypted or not. Throws a Failure naming `source` when the
 * text holds no key, more than one, or the passphrase is missing or wrong.
 */
export function readPrivateKey(text: Secret, source: string, passphrase?: Secret): KeyObject {
  const blocks = text.reveal().match(/-----BEGIN [A-Z ]*PRIVATE KEY-----/g) ?? [];
  if (blocks.length !== 1) {
    throw new Failure('failed', `${source}: holds ${blocks.length} private keys, not one`, {
      next: [remedy`give the PEM file of one private key`],
    });
  }
  const encrypted = isEncryptedPem(text);
  if (encrypted && passphrase === undefined) {
    throw new Failure('failed', `${source}: the key is encrypted, and no passphrase was given`, {
      next: [remedy`give the passphrase`],
    });
  }
  try {
    return createPrivateKey({
      key: text.reveal(),
      format: 'pem',
      ...(encrypted && passphrase !== undefined && { passphrase: passphrase.reveal() }),
    });
  } catch (error) {
    // OpenSSL's own words name nothing but its internal functions.
    const why = encrypted
      ? 'the passphrase is wrong, or the file is damaged'
      : 'is not a private key';
    throw new Failure('failed', `${source}: ${why}`, {
      log: String(error),
      next: [
        encrypted
          ? remedy`give the passphrase it was encrypted with, or put the file back from a backup`
          : remedy`give the PEM file of one private key: openssl pkey -in FILE -noout`,
      ],
    });
  }
}
