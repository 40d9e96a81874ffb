import type { ClusterFacts } from '../facts/cluster.ts';
import { nextCaDirectory, previousCaDirectory } from '../pki/ca-rotation.ts';
import { type Keyring, keyring } from '../pki/keyring.ts';
import type { Plan } from '../plan/plan.ts';
import { signs } from '../plan/signs.ts';
import { passphraseFrom } from './passphrase.ts';

/**
 * What the plan signs with. The passphrase is asked for only where a key is encrypted and something must be signed, and
 * tried at once: a wrong one throws a Failure while nothing has been touched.
 */
export async function openKeyring(
  plan: Plan,
  { store, rotation, now }: ClusterFacts,
  source: string | undefined,
): Promise<Keyring> {
  const { directory } = store;
  const encrypted = [
    { ca: store.ca, place: directory },
    { ca: rotation.next, place: nextCaDirectory(directory) },
    { ca: rotation.previous, place: previousCaDirectory(directory) },
  ].find(({ ca }) => ca?.keyEncrypted === true);
  if (encrypted === undefined || !signs(plan)) return keyring(now);

  const { place } = encrypted;
  const keys = keyring(now, await passphraseFrom(source, `${place}/ca.key`, 'open'));
  await keys.open(place);
  return keys;
}
