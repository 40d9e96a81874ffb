import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { authorityDirectory } from '../../../src/pki/ca/authority.ts';
import { peerCaOf } from '../../../src/pki/ca/peer-ca.ts';
import type { DesiredCertificate } from '../../../src/pki/desired-certificate.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { readCaCertificate, readPair } from '../../../src/pki/store/store.ts';
import { type Command, sh } from '../../../src/shell/command.ts';
import type { Cluster } from './cluster.ts';

const DROP_IN = '/etc/systemd/system/etcd.service.d';
const OVERRIDE = '/etc/etcd-override';

/** Runs it inside the host; throws what was said when it fails. */
export async function doInside(host: LabHost, command: Command, input = ''): Promise<void> {
  const { exitCode, stderr } = await inside(host, command, { input });
  if (exitCode !== 0) throw new Error(`${host.name}: ${stderr}`);
}

/** Puts a drop-in over the unit, as a person in a hurry leaves one; the variables win over those of provision. */
export async function override(
  host: LabHost,
  variables: Readonly<Record<string, string>>,
  unitLines: readonly string[] = [],
): Promise<void> {
  const file = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  const unit = [...unitLines, '[Service]', `EnvironmentFile=${OVERRIDE}/env`, ''].join('\n');
  await doInside(host, sh`mkdir -p ${DROP_IN} ${OVERRIDE} && cat > ${OVERRIDE}/env`, file.join(''));
  await doInside(host, sh`cat > ${DROP_IN}/local.conf && systemctl daemon-reload`, unit);
}

/** Takes the drop-in away with everything it named. */
export async function restore(host: LabHost): Promise<void> {
  await doInside(host, sh`rm -rf ${DROP_IN} ${OVERRIDE} && systemctl daemon-reload`);
}

/** Makes etcd on the host use a peer certificate of its own, signed by the CA of `store` at `now`. */
export async function usePeerCertificate(
  host: LabHost,
  { lab }: Pick<Cluster, 'lab'>,
  store: string,
  certificate: Pick<DesiredCertificate, 'names' | 'hours'>,
  now: Date,
): Promise<void> {
  const id = `sabotage/${createHash('sha1').update(JSON.stringify(certificate)).digest('hex').slice(0, 8)}`;
  await mkdir(join(lab.paths.directory, 'sabotage'), { recursive: true });
  const authority = (await peerCaOf(store, undefined)) === 'separate' ? 'peer' : 'client';
  await issue(
    store,
    {
      ...certificate,
      id,
      row: 'peer',
      subject: [{ type: 'CN', value: host.name }],
      usages: ['serverAuth', 'clientAuth'],
      key: { algo: 'ecdsa', size: 256 },
      keyPlace: 'store',
      authority,
    },
    now,
  );
  const pair = await readPair(store, id);
  await override(host, {
    ETCD_PEER_CERT_FILE: `${OVERRIDE}/peer.crt`,
    ETCD_PEER_KEY_FILE: `${OVERRIDE}/peer.key`,
    ETCD_PEER_TRUSTED_CA_FILE: `${OVERRIDE}/ca.crt`,
  });
  const files = {
    'ca.crt': await readCaCertificate(authorityDirectory(store, authority)),
    'peer.crt': pair.certificate,
    'peer.key': pair.key.reveal(),
  };
  for (const [name, text] of Object.entries(files))
    await doInside(host, sh`cat > ${OVERRIDE}/${name} && chown etcd ${OVERRIDE}/${name}`, text);
}
