import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { type RemoteFile, writeFiles } from '../../host/write-files.ts';
import { readInstalledPair } from '../../pki/store/installed-pair.ts';
import { type PairsStep, pathsOf } from '../../plan/keeping/pairs-step.ts';
import { sh } from '../../shell/command.ts';
import { Secret } from '../../shell/secret.ts';

/**
 * Writes pairs of the store into the files that somebody else has etcd read, certificate and key right behind each other: it
 * reads both at each handshake. Copies of what was there stay. Throws a HostError.
 */
export async function installPairs(
  host: Host,
  { member, copies, pairs }: Extract<PairsStep, { kind: 'install-pairs' }>,
  store: string,
): Promise<void> {
  const unfinished = `${copies}/unfinished`;
  const files = await Promise.all(
    pairs.map(async ({ certificate, key, ...one }): Promise<readonly RemoteFile[]> => {
      const pair = await readInstalledPair(store, one);
      // A plan with a key that its host keeps is refused.
      if (!(pair.key instanceof Secret)) throw new TypeError(`${one.id}: its key is not here`);
      return [
        { ...certificate, content: pair.certificate },
        { ...key, content: pair.key },
      ];
    }),
  );
  await writeFiles(host, files.flat(), {
    purpose: `install the certificates of ${member}`,
    // Behind an attempt that was cut off between certificate and key, what it kept is what fits.
    before: sh`umask 077; mkdir -p ${copies}
[ -e ${unfinished} ] || for path in ${pathsOf(pairs)}; do
  mkdir -p ${copies}"\${path%/*}" && cp -p -T "$path" ${copies}"$path" && sync ${copies}"$path" || exit
done
touch ${unfinished} && sync ${unfinished} ${copies}`,
    after: sh`rm ${unfinished}`,
  });
}

/** Puts back what was there before the last installation. Throws a HostError. */
export async function restorePairs(
  host: Host,
  { copies, paths }: Extract<PairsStep, { kind: 'restore-pairs' }>,
): Promise<void> {
  await must(
    host,
    `put back ${paths.join(', ')}`,
    sh`set -eu
for path in ${paths}; do
  cp -p -T ${copies}"$path" "$path.provision-new"
  sync "$path.provision-new"
done
for path in ${paths}; do mv -fT "$path.provision-new" "$path"; done
rm -f ${`${copies}/unfinished`}`,
  );
}
