import type { FoundKeyKind } from '../keys/keys.ts';
import type { CertificateFact } from './inspect.ts';

/**
 * Why a newer Go, and so a newer etcd, would refuse the certificate, or undefined: SHA-1 since Go 1.18, negative serials
 * since 1.23, short RSA keys since 1.24 (2048 bits is our own floor), serials over 20 bytes by RFC 5280 §4.1.2.2.
 */
export function whyWeak(fact: CertificateFact): string | undefined {
  // Nobody verifies the signature of a CA that is trusted for itself.
  if (!fact.isSelfSigned && /md5|sha1/i.test(fact.signatureAlgorithm)) {
    return `is signed with ${fact.signatureAlgorithm}, which Go refuses`;
  }
  if (fact.serial.startsWith('-')) return 'has a negative serial number, which Go refuses';
  if (fact.serial.length > 40) return 'has a serial number over 20 bytes';
  return whyWeakKey(fact.key);
}

/** Why etcd would refuse the key, or undefined. Ed25519 needs Go 1.13, which etcd 3.3 lacks; it is not a fault of the key. */
export function whyWeakKey({ algo, size }: FoundKeyKind): string | undefined {
  if (algo === 'rsa' && size < 2048) return `has an RSA key of ${size} bits, fewer than 2048`;
  if (algo === 'rsa' || algo === 'ed25519' || (algo === 'ecdsa' && size > 0)) return undefined;
  return `has a key of kind ${algo}, which Go does not take`;
}
