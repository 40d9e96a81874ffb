import type { KeyPlace } from '../desired-certificate.ts';
import type { StoredCertificate } from '../store/store-facts.ts';

/** A certificate's key as the store knows it. */
export interface HeldKey {
  /** Of the key file's bytes, in the store or on its host. */
  readonly sha256: string;
  /** Whether it is the certificate's; of a key on a host that is known from the request it has signed. */
  readonly matches: boolean;
}

/** What the store knows of a certificate's key in this place, or undefined when there is none. */
export function heldKey(place: KeyPlace, stored: StoredCertificate): HeldKey | undefined {
  if (place === 'host') {
    const { hostKey, fact } = stored;
    return (
      hostKey && {
        sha256: hostKey.sha256,
        matches: hostKey.publicKeySha256 === fact.publicKeySha256,
      }
    );
  }
  const { key, keySha256: sha256, keyMatches: matches } = stored;
  return key === undefined || sha256 === undefined ? undefined : { sha256, matches };
}

/** The same wherever the key is: in that place, else in the other one. */
export function anyKey(place: KeyPlace, stored: StoredCertificate): HeldKey | undefined {
  return heldKey(place, stored) ?? heldKey(place === 'host' ? 'store' : 'host', stored);
}
