import type { Authority } from '../ca/authority.ts';
import type { HostKey } from '../keys/host-key.ts';
import type { FoundKeyKind } from '../keys/keys.ts';
import type { CertificateFact } from '../verify/inspect.ts';

/** The CA of a store. Without its key everything works as long as nothing must be signed. */
export interface StoredCa {
  readonly fact: CertificateFact;
  readonly pem: string;
  readonly hasKey: boolean;
  /** A passphrase is needed to sign. */
  readonly keyEncrypted: boolean;
}

/** What a PKI store holds; empty where the directory does not exist. */
export interface StoreFacts {
  readonly directory: string;
  readonly ca: StoredCa | undefined;
  /** The CA of the peers, where they have one of their own. */
  readonly peerCa: StoredCa | undefined;
  readonly certificates: ReadonlyMap<string, StoredCertificate>;
}

/** The CA of the store that signs a certificate, if it is there. */
export function caOf(
  { ca, peerCa }: Pick<StoreFacts, 'ca' | 'peerCa'>,
  { authority }: { readonly authority: Authority },
): StoredCa | undefined {
  return authority === 'peer' ? peerCa : ca;
}

/** A certificate of the store with what its key file says; checksums are those of the files' bytes. */
export interface StoredCertificate {
  readonly fact: CertificateFact;
  readonly certificatePem: string;
  /** undefined when the key file is missing. */
  readonly key: FoundKeyKind | undefined;
  readonly keyMatches: boolean;
  readonly certificateSha256: string;
  readonly keySha256: string | undefined;
  /** What is known of the key its host has made, if that was so. */
  readonly hostKey: HostKey | undefined;
  /** The fingerprint of that CA of the store which really signed it, else undefined. */
  readonly issuerFingerprint256: string | undefined;
}
