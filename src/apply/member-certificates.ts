import { authorityDirectory } from '../pki/authority.ts';
import { readSigningTrust, readTrust } from '../pki/ca-rotation.ts';
import { readInstalledPair } from '../pki/installed-pair.ts';
import { readCrl } from '../pki/revoke.ts';
import type { StepContext } from './step-context.ts';

/** What a member is to have in its directory of certificates; with `signing`, clients are trusted by one CA alone. */
export async function memberCertificates(
  name: string,
  { desired, store }: StepContext,
  trust?: 'signing',
) {
  const mine = desired.certificates.filter(({ member }) => member === name);
  const pairs = await Promise.all(
    mine.map(async (one) => [one.row, await readInstalledPair(store, one)] as const),
  );
  const peer = authorityDirectory(store, 'peer');
  const [clients, peers] = await Promise.all([
    trustFor('ca', store, trust === 'signing' ? readSigningTrust : readTrust),
    desired.peerCa === undefined ? [] : trustFor('peer-ca', peer, readTrust),
  ]);
  const keys = desired.members.find((member) => member.name === name)?.keys.directory ?? '';
  return { trust: new Map([...clients, ...peers]), pairs: new Map(pairs), keys };
}

/** A CA bundle and its revocation list, by what the files are called. */
async function trustFor(
  name: string,
  directory: string,
  read: (directory: string) => Promise<string>,
): Promise<readonly (readonly [string, string | Buffer])[]> {
  const [bundle, list] = await Promise.all([read(directory), readCrl(directory)]);
  return [
    [`${name}.crt`, bundle],
    // DER: etcd 3.6 refuses every connection when it is PEM.
    ...(list === undefined ? [] : [[`${name}.crl`, list.der] as const]),
  ];
}
