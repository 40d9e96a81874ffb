// With PROVISION_E2E=all alone.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { failed, ok, STAGE_PORT, to } from '../lab/migration.ts';
import {
  configure,
  type EtcdSettings,
  installPatroni,
  patroniMembers,
  pause,
  restartPatroni,
  resume,
  settled,
  startWriter,
  stopWriter,
} from '../lab/patroni-hosts.ts';
import { protocolCluster } from '../lab/protocol-cluster.ts';

const lab = useLab({ count: 5, etcd: '3.5.16' });

const CONSUMER = { directory: '/etc/patroni/etcd', name: 'patroni' };
const CLIENT = { directory: '/etc/patroni/client', name: 'application' };

test.serial(
  'Patroni keeps its leader, and no SQL write fails, through a setting, rotations and a live switch there and back',
  async (t) => {
    t.timeout(3_600_000, 'packages have to be downloaded and installed');
    const { provision, hosts } = lab.current;
    const patroni = hosts.slice(3);
    const [leader, replica] = patroni;
    if (leader === undefined || replica === undefined) throw new TypeError('a lab of five');
    const roles = { [leader.name]: 'Leader', [replica.name]: 'Replica' };
    const more = `clients: [{ name: ${CLIENT.name} }]
consumers:
  - name: patroni
    hosts: [${patroni.map(({ address }) => `{ address: ${address} }`).join(', ')}]
    directory: ${CONSUMER.directory}
    owner: postgres
    group: postgres
    reload: { unit: patroni }
    ready: { url: 'http://127.0.0.1:8008/readiness' }
`;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.16', count: 3, more });
    const { https } = cluster.inventory;
    const at = (port: number) => hosts.slice(0, 3).map(({ address }) => `${address}:${port}`);
    const settings = (given: Partial<EtcdSettings>): EtcdSettings => ({
      ...{ protocol: 'https', hosts: at(2379), fixed: false, pair: CONSUMER },
      ...given,
    });
    /** Patroni takes up other settings or files; PostgreSQL goes on. */
    const taken = async (given: Partial<EtcdSettings>) => {
      await pause(leader);
      for (const host of patroni) await configure(host, settings(given));
      await restartPatroni(patroni);
      await resume(leader);
      await settled(leader, roles);
    };
    const rotateCa = (...words: readonly string[]) =>
      provision(['certs', 'rotate-ca', https, '--yes', '--window', '5', ...words]);

    await installPatroni(patroni);
    for (const host of patroni) await configure(host, settings({}));
    ok(t, await provision(['up', https, '--yes']));
    await started(leader);
    await settled(leader, { [leader.name]: 'Leader' });
    await started(replica);
    await settled(leader, roles);
    await startWriter(leader);

    const text = await readFile(https, 'utf8');
    await writeFile(
      https,
      text.replace(/^( {2}version: .*)$/m, '$1\n  settings: { snapshot-count: 50000 }'),
    );
    ok(t, await provision(['up', https, '--yes']));
    ok(t, await provision(['certs', 'rotate', https, '--yes']));
    await settled(leader, roles);

    t.is((await rotateCa()).exitCode, 6);
    await taken({});
    ok(t, await rotateCa('--finish'));
    await settled(leader, roles);

    for (const host of patroni) await hand(host, cluster.store);
    await taken({ pair: CLIENT });
    t.is((await rotateCa()).exitCode, 6);
    for (const host of patroni) await hand(host, cluster.store);
    await taken({ pair: CLIENT });
    ok(t, await rotateCa('--finish'));
    await settled(leader, roles);

    for (const protocol of ['http', 'https'] as const) {
      const former = protocol === 'http' ? 'https' : 'http';
      const migrate = (...words: readonly string[]) =>
        provision(['migrate', https, ...to(protocol), '--window', '5', ...words]);
      await taken({ protocol: former, pair: CLIENT, fixed: true });
      ok(t, await migrate());
      failed(t, await migrate('--finish'), 3, `seen on ${former}`, leader.address);
      await taken({ protocol, pair: CLIENT, fixed: true, hosts: at(STAGE_PORT) });
      ok(t, await migrate('--advertise'));
      failed(t, await migrate('--finish'), 6, `port ${STAGE_PORT} alone`, leader.address);
      await taken({ protocol, pair: CLIENT, fixed: true });
      ok(t, await migrate('--finish'));
      await taken({ protocol, pair: CLIENT });
    }

    const { sent, there, complaints } = await stopWriter(leader);
    t.log(`${sent} rows`);
    t.true(sent > 100);
    t.deepEqual({ there, complaints }, { there: sent, complaints: '' });
    t.deepEqual(
      (await patroniMembers(leader)).map(({ name, role, timeline }) => [name, role, timeline]),
      [
        [leader.name, 'Leader', 1],
        [replica.name, 'Replica', 1],
      ],
    );
  },
);

async function started(host: LabHost): Promise<void> {
  const { exitCode, stderr } = await inside(host, sh`systemctl start patroni`);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Puts what the store has for the client on a host, as its operator would. */
async function hand(host: LabHost, store: string): Promise<void> {
  const directory = join(host.root, CLIENT.directory);
  await mkdir(directory, { recursive: true });
  await copyFile(join(store, 'trust.pem'), join(directory, 'ca.crt'));
  for (const end of ['crt', 'key'])
    await copyFile(join(store, `${CLIENT.name}.${end}`), join(directory, `${CLIENT.name}.${end}`));
  await inside(
    host,
    sh`chown -R postgres: ${CLIENT.directory}; chmod 600 ${CLIENT.directory}/*.key`,
  );
}
