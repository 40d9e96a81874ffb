import { dirname } from 'node:path';
import type { KeptPair } from '../../adopt/decide/kept-pairs.ts';
import { writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { type HostKey, writeHostKey } from '../../pki/keys/host-key.ts';
import { pathsOf } from '../../pki/store/store.ts';
import { makePrivateDirectory } from '../../pki/store/store-files.ts';
import { inspectCertificate } from '../../pki/verify/inspect.ts';
import { remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';

/** What identifies the keys of these, in their order: only their sums leave the hosts. Throws a Failure where one cannot be read. */
export async function keyRecords(
  pairs: readonly KeptPair[],
  connected: ReadonlyMap<string, Host>,
): Promise<readonly HostKey[]> {
  return Promise.all(
    pairs.map(async ({ host: address, pem, key }) => {
      const host = connected.get(address);
      if (host === undefined) throw new TypeError(`${address} was looked at and is not connected`);
      const { stdout } = await must(host, `read ${key}`, sh`sha256sum < ${key}`);
      const [sha256 = ''] = stdout.split(' ');
      if (!/^[0-9a-f]{64}$/.test(sha256))
        throw new Failure('failed', `${address}: ${key} could not be summed up`, {
          next: [remedy`see whether sha256sum is installed there`],
        });
      const { publicKeySha256 } = inspectCertificate(pem, `${address}:${key}`);
      return { sha256, publicKeySha256, madeByOthers: key };
    }),
  );
}

/** Puts the certificates that members keep into a store, with what identifies their keys. */
export async function putKept(
  store: string,
  pairs: readonly KeptPair[],
  keys: readonly HostKey[],
): Promise<void> {
  for (const [at, { member, row, pem }] of pairs.entries()) {
    const paths = pathsOf(store, `${member}/${row}`);
    const key = keys[at];
    if (key === undefined) throw new TypeError('each pair has a record of its key');
    await makePrivateDirectory(dirname(paths.certificate));
    await writeHostKey(paths.hostKey, key);
    await writeAtomically(paths.certificate, pem);
  }
}
