import type { ClusterFacts } from '../facts/cluster.ts';
import { authorityDirectory } from '../pki/ca/authority.ts';
import { nextCaDirectory, previousCaDirectory } from '../pki/ca/ca-rotation.ts';
import { type Keyring, keyring } from '../pki/keys/keyring.ts';
import type { StoredCa } from '../pki/store/store-facts.ts';
import { needsCaKey } from '../plan/certificates/needs-ca-key.ts';
import type { Plan } from '../plan/plan.ts';
import { passphraseFrom } from './passphrase.ts';

/**
 * What the plan signs with. The passphrase is asked for only where a key is encrypted and something must be signed, and
 * tried at once: a wrong one throws a Failure while nothing has been touched.
 */
export async function openKeyring(
  plan: Plan,
  { store, rotation, peerRotation, now }: ClusterFacts,
  source: string | undefined,
): Promise<Keyring> {
  const { directory } = store;
  const peer = authorityDirectory(directory, 'peer');
  const encrypted = [
    ...encryptedOf(
      { ca: store.ca, place: directory },
      { ca: rotation.next, place: nextCaDirectory(directory) },
      { ca: rotation.previous, place: previousCaDirectory(directory) },
    ),
    ...encryptedOf(
      { ca: store.peerCa, place: peer },
      { ca: peerRotation.next, place: nextCaDirectory(peer) },
      { ca: peerRotation.previous, place: previousCaDirectory(peer) },
    ),
  ];
  const [first] = encrypted;
  if (first === undefined || !needsCaKey(plan)) return keyring(now);

  const keys = keyring(now, await passphraseFrom(source, `${first.place}/ca.key`, 'open'));
  // Each is tried, since each may have been brought by itself.
  for (const { place } of encrypted) await keys.open(place);
  return keys;
}

interface PlacedCa {
  readonly ca: StoredCa | undefined;
  readonly place: string;
}

/** Those that need the passphrase. One that signed before may have had another: it counts where it is the only one. */
function encryptedOf(own: PlacedCa, next: PlacedCa, previous: PlacedCa): readonly PlacedCa[] {
  const signing = [own, next].filter(({ ca }) => ca?.keyEncrypted === true);
  if (signing.length > 0) return signing;
  return previous.ca?.keyEncrypted === true ? [previous] : [];
}
