import { authorityDirectory } from '../pki/ca/authority.ts';
import { type CaRotation, observeRotation } from '../pki/ca/ca-rotation.ts';
import { readCrl, type StoredCrl } from '../pki/ca/revoke.ts';
import { observeStore } from '../pki/store/store.ts';
import type { StoreFacts } from '../pki/store/store-facts.ts';

/** Everything in the PKI store: both CAs with their rotations and revocation lists, and all certificates. */
export interface PkiFacts {
  readonly store: StoreFacts;
  readonly rotation: CaRotation;
  readonly peerRotation: CaRotation;
  readonly crl: StoredCrl | undefined;
  readonly peerCrl: StoredCrl | undefined;
}

/** Looks at the PKI store and changes nothing. Throws a Failure that names the file which cannot be read. */
export async function observePki(directory: string): Promise<PkiFacts> {
  const peer = authorityDirectory(directory, 'peer');
  const [store, rotation, peerRotation, crl, peerCrl] = await Promise.all([
    observeStore(directory),
    observeRotation(directory),
    observeRotation(peer),
    readCrl(directory),
    readCrl(peer),
  ]);
  return { store, rotation, peerRotation, crl, peerCrl };
}
