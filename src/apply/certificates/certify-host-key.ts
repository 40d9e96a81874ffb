import { dirname } from 'node:path/posix';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import { certify, type HostRequest } from '../../pki/issue/certify.ts';
import { genpkeyWords } from '../../pki/keys/genpkey.ts';
import type { KeyKind } from '../../pki/keys/keys.ts';
import type { Step } from '../../plan/step.ts';
import { remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { type StepContext, signerOf } from '../step-context.ts';

/** 4096 bits of RSA can take a small host a minute. */
const MAKING = { deadline: 300 } as const;

const ANSWER = /^([0-9a-f]{64}) {2}-\n(-----BEGIN [\s\S]*)$/;

/**
 * Has a host make a key that stays there, and signs its request here. Done twice, another key takes the place of one that
 * was never installed. Throws a HostError when its openssl does not make it, a Failure when what it sent is not in order.
 */
export async function certifyHostKey(
  { certificate, directory }: Extract<Step, { kind: 'certify-host-key' }>,
  host: Host,
  site: StepContext,
): Promise<void> {
  const { id, row, key } = certificate;
  const made = await makeKey(host, `${directory}/${row}.key`, key, id);
  const source = `${host.name}: its request for ${id}`;
  const ca = await signerOf(site, certificate.authority);
  await certify(site.store, certificate, made, source, site.now, ca);
}

async function makeKey(host: Host, path: string, kind: KeyKind, id: string): Promise<HostRequest> {
  const directory = dirname(path);
  const ofCluster = dirname(directory);
  const ofAll = dirname(ofCluster);
  // A configuration of our own, since one that is missing or strange is what makes `req` fail most; what it puts into the
  // request does not matter.
  const result = await host.run(
    sh`set -eu; umask 077
(umask 022; mkdir -p ${dirname(ofAll)})
mkdir -p ${directory}; chmod 700 ${[ofAll, ofCluster, directory]}
rm -f ${path}.new
openssl genpkey ${genpkeyWords(kind)} -out ${path}.new
chmod 600 ${path}.new
request=$(printf '[req]\ndistinguished_name=dn\n[dn]\n' | openssl req -new -sha256 -config /dev/stdin -key ${path}.new -subj /CN=key)
sync ${path}.new
mv -fT ${path}.new ${path}
sync ${[directory, ofCluster, ofAll, dirname(ofAll)]}
sha256sum < ${path}
printf '%s\n' "$request"`,
    MAKING,
  );
  const [, keySha256, request] = ANSWER.exec(result.stdout) ?? [];
  if (result.exitCode !== 0 || keySha256 === undefined || request === undefined) {
    throw new HostError(host.name, `make the key of ${id} with its openssl`, result, [
      remedy`repair openssl there (apt-get install --reinstall openssl), or have keys made here: pki.keys: store`,
    ]);
  }
  return { keySha256, request };
}
