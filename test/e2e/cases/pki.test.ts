import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { desiredCa, desiredCertificates } from '../../../src/desired/certificates.ts';
import { inventorySchema } from '../../../src/inventory/schema.ts';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { crlPath, readCrl, revoke } from '../../../src/pki/ca/revoke.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { pem } from '../../../src/pki/encoding/der.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { pathsOf } from '../../../src/pki/store/store.ts';
import { inspectCertificate, inspectDer } from '../../../src/pki/verify/inspect.ts';
import { servedCertificate } from '../../../src/pki/verify/served.ts';
import { scratch } from '../../pki/workshop.ts';

const run = promisify(execFile);

const has36 =
  existsSync(etcdPaths('3.6.14').sums) ||
  (await run('go', ['version']).then(
    () => true,
    () => false,
  ));
if (!has36) console.error('SKIPPED: etcd 3.6.14, which needs go to be compiled');

/** An etcd of one member on loopback, with certificates of ours and an empty revocation list. */
async function etcd(t: ExecutionContext, version: string, key: object) {
  const { directory: programs } = await ensureEtcd(version, t.log);
  const directory = await scratch(t);
  const inventory = inventorySchema.parse({
    cluster: 'lab',
    etcd: { version },
    pki: { key, subject: { C: 'CN', O: '北京' }, sans: ['*.etcd.svc'] },
    members: [{ name: 'm1', address: '127.0.0.1' }],
  });
  const now = new Date();
  const store = join(directory, 'pki');
  await createCa(store, desiredCa(inventory), now);
  const ca = await unlockCa(store, now);
  for (const one of desiredCertificates(inventory)) await issue(store, one, now, ca);
  await revoke(store, [], 24, ca, now);

  const [client, peer] = await Promise.all([freePort(), freePort()]);
  const [urls, peers] = [`https://127.0.0.1:${client}`, `https://127.0.0.1:${peer}`];
  const pair = (name: string) => pathsOf(store, `m1/${name}`);
  const flags = {
    name: 'm1',
    'data-dir': join(directory, 'data'),
    'listen-client-urls': urls,
    'advertise-client-urls': urls,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `m1=${peers}`,
    'cert-file': pair('server').certificate,
    'key-file': pair('server').key,
    'trusted-ca-file': join(store, 'ca.crt'),
    'client-crl-file': crlPath(store),
    'peer-cert-file': pair('peer').certificate,
    'peer-key-file': pair('peer').key,
    'peer-trusted-ca-file': join(store, 'ca.crt'),
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn(
    join(programs, 'etcd'),
    [...args, '--client-cert-auth', '--peer-client-cert-auth'],
    { stdio: 'ignore' },
  );
  t.teardown(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  /** What etcdctl says with the pair of that id in the store, or with none. */
  const etcdctl = async (id: string | undefined, ...words: readonly string[]) => {
    const shown =
      id === undefined
        ? []
        : [`--cert=${pathsOf(store, id).certificate}`, `--key=${pathsOf(store, id).key}`];
    const all = [
      `--endpoints=${urls}`,
      `--cacert=${join(store, 'ca.crt')}`,
      '--command-timeout=3s',
      '--dial-timeout=3s',
      ...shown,
      ...words,
    ];
    const env = { PATH: '/usr/bin:/bin', ETCDCTL_API: '3' };
    return run(join(programs, 'etcdctl'), all, { env, timeout: 20_000 }).then(
      ({ stdout }) => stdout.trim(),
      () => 'refused',
    );
  };
  await until(async () => (await etcdctl('admin', 'put', 'a', 'b')) === 'OK');
  return { store, ca, client, peer, etcdctl };
}

for (const [version, key] of [
  ['3.3.25', { algo: 'ecdsa' }],
  ['3.3.25', { algo: 'rsa', size: 2048 }],
  ['3.4.23', { algo: 'ecdsa' }],
  ['3.5.30', { algo: 'ecdsa', size: 384 }],
  ['3.6.14', { algo: 'ecdsa' }],
  ['3.6.14', { algo: 'rsa', size: 4096 }],
] as const) {
  const runnable = has36 || !version.startsWith('3.6') ? test.serial : test.serial.skip;
  runnable(
    `etcd ${version} takes our ${key.algo} certificates, shows them, and refuses whom we revoke`,
    async (t) => {
      t.timeout(120_000);
      const { store, ca, client, peer, etcdctl } = await etcd(t, version, key);
      const get = (id: string | undefined) => etcdctl(id, 'get', 'a', '--print-value-only');

      const serial = async (id: string) =>
        inspectCertificate(await readFile(pathsOf(store, id).certificate, 'utf8')).serial;
      const served = async (port: number) =>
        inspectDer(await servedCertificate({ host: '127.0.0.1', port }, { name: `${port}` }))
          .serial;
      t.deepEqual(
        [await served(client), await served(peer)],
        [await serial('m1/server'), await serial('m1/peer')],
      );

      t.deepEqual(
        [await get('admin'), await get('m1/healthcheck-client'), await get(undefined)],
        ['b', 'b', 'refused'],
      );

      const now = new Date();
      await revoke(
        store,
        [{ serial: await serial('m1/healthcheck-client'), date: now, reason: 'keyCompromise' }],
        24,
        ca,
        now,
      );
      t.deepEqual([await get('admin'), await get('m1/healthcheck-client')], ['b', 'refused']);

      // etcd 3.6 reads lists with another function: PEM shuts everybody out, which is why checkCrl() fails on it.
      const list = await readCrl(store);
      await writeFile(crlPath(store), pem('X509 CRL', list?.der ?? Buffer.alloc(0)));
      t.is(await get('admin'), version.startsWith('3.6') ? 'refused' : 'b');
    },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    if (await holds()) return;
    await sleep(500);
  }
  throw new Error('etcd did not come up');
}
