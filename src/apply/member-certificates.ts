import { readSigningTrust, readTrust } from '../pki/ca-rotation.ts';
import { readInstalledPair } from '../pki/installed-pair.ts';
import { readCrl } from '../pki/revoke.ts';
import type { Site } from './site.ts';

/** What a member is to have in its directory of certificates. */
export async function memberCertificates(
  name: string,
  { desired, store }: Site,
  trust?: 'signing',
) {
  const mine = desired.certificates.filter(({ member }) => member === name);
  const pairs = await Promise.all(
    mine.map(async (one) => [one.row, await readInstalledPair(store, one)] as const),
  );
  const [ca, list] = await Promise.all([
    trust === 'signing' ? readSigningTrust(store) : readTrust(store),
    readCrl(store),
  ]);
  const keys = desired.members.find((member) => member.name === name)?.keys.directory ?? '';
  return { ca, crl: list?.der, pairs: new Map(pairs), keys };
}
