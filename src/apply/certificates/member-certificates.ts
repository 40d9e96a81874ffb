import { authorityDirectory } from '../../pki/ca/authority.ts';
import { readSigningTrust, readTrust } from '../../pki/ca/ca-rotation.ts';
import { readCrl } from '../../pki/ca/revoke.ts';
import { readInstalledPair } from '../../pki/store/installed-pair.ts';
import type { InstallCertificates } from '../../plan/carried.ts';

/** What a member is to have in its directory of certificates; with `signing`, clients are trusted by one CA alone. */
export async function memberCertificates(
  { certificates, keys, hasPeerCa, trust }: InstallCertificates,
  store: string,
) {
  const pairs = await Promise.all(
    certificates.map(async (one) => [one.row, await readInstalledPair(store, one)] as const),
  );
  const peer = authorityDirectory(store, 'peer');
  const [clients, peers] = await Promise.all([
    trustFor('ca', store, trust === 'signing' ? readSigningTrust : readTrust),
    hasPeerCa ? trustFor('peer-ca', peer, readTrust) : [],
  ]);
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
