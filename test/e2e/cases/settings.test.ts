import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { desiredCa, desiredCertificates } from '../../../src/desired/certificates.ts';
import { memberSettings, peerUrl } from '../../../src/desired/member-settings.ts';
import { variableOf } from '../../../src/etcd/given-settings.ts';
import { type Inventory, inventorySchema, type Member } from '../../../src/inventory/schema.ts';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { pathsOf } from '../../../src/pki/store/store.ts';

const FROM_DEBIAN = ['3.3.25', '3.4.23', '3.5.16', '3.5.30'];
const COMPILED = ['3.6.14', '3.7.1'];
const READY = /ready to serve client requests|serving client traffic securely/;
// As etcd says it: pkg/flags/flag.go.
const COMPLAINT = /unrecognized environment variable|shadowed|conflicting environment variable/;

for (const version of [...FROM_DEBIAN, ...COMPILED]) {
  const here = FROM_DEBIAN.includes(version) || existsSync(etcdPaths(version).sums);
  if (!here) console.warn(`SKIPPED: settings of etcd ${version}: it has not been compiled here`);
  const run = here ? test.serial : test.skip;

  run(`memberSettings: etcd ${version} starts with them and knows every one`, async (t) => {
    t.timeout(600_000, 'etcd may have to be fetched');
    const programs = await ensureEtcd(version, t.log);
    const directory = await mkdtemp(join(tmpdir(), 'provision-settings-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const { inventory, member } = await clusterOfOne(directory, version);
    await installCertificates(inventory, directory);

    const etcd = spawn(join(programs.directory, 'etcd'), {
      env: environmentOf(inventory, member),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => end(etcd));
    const log = await logOf(etcd);
    t.true(READY.test(log), log);
    t.deepEqual(
      log.split('\n').filter((line) => COMPLAINT.test(line)),
      [],
    );
  });
}

// The schema alone: the rules refuse loopback, which is all a test may use.
async function clusterOfOne(
  directory: string,
  version: string,
): Promise<{ inventory: Inventory; member: Member }> {
  const [client, peer] = await freePorts();
  const member = { name: 'a', address: '127.0.0.2' };
  const inventory = inventorySchema.parse({
    cluster: 'c',
    etcd: {
      version,
      settings: { 'quota-backend-bytes': 8589934592, 'auto-compaction-retention': '8h' },
      ports: { client, peer },
      paths: { conf: join(directory, 'conf'), data: join(directory, 'data') },
    },
    members: [member],
  });
  return { inventory, member: { ...member, addresses: [], settings: {}, ssh: {} } };
}

async function installCertificates(inventory: Inventory, directory: string): Promise<void> {
  const store = join(directory, 'store');
  const now = new Date();
  await createCa(store, desiredCa(inventory), now);
  const pki = join(inventory.etcd.paths.conf, 'pki');
  await mkdir(pki, { recursive: true });
  await copyFile(pathsOf(store, 'ca').certificate, join(pki, 'ca.crt'));
  for (const desired of desiredCertificates(inventory)) {
    await issue(store, desired, now);
    const pair = pathsOf(store, desired.id);
    for (const file of [pair.certificate, pair.key])
      await copyFile(file, join(pki, basename(file)));
  }
}

function environmentOf(inventory: Inventory, member: Member): Record<string, string> {
  const settings = memberSettings(inventory, member, {
    token: 'token',
    state: 'new',
    initialCluster: [{ name: member.name, peerUrl: peerUrl(inventory, member) }],
  });
  return Object.fromEntries([...settings].map(([flag, value]) => [variableOf(flag), value]));
}

/** What the program says until it is ready, ends, or a minute has passed. */
async function logOf(etcd: ChildProcess): Promise<string> {
  const { stderr } = etcd;
  if (stderr === null) throw new Error('stderr is piped');
  const late = setTimeout(() => etcd.kill('SIGKILL'), 60_000);
  let log = '';
  for await (const chunk of stderr) {
    log += String(chunk);
    if (READY.test(log)) break;
  }
  clearTimeout(late);
  return log;
}

async function end(etcd: ChildProcess): Promise<void> {
  if (etcd.exitCode !== null || etcd.signalCode !== null) return;
  const ended = once(etcd, 'exit');
  etcd.kill('SIGKILL');
  await ended;
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.2'), 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [client = 0, peer = 0] = ports;
  return [client, peer];
}
