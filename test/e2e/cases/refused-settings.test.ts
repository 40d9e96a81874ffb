import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { variableOf } from '../../../src/etcd/given-settings.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import { extent } from './extent.ts';

// What etcd itself ends at, the inventory refuses; what the inventory takes at the same limit, etcd starts with.
type Settings = Readonly<Record<string, string>>;

const BUILT = ['3.3.25', '3.4.23', '3.5.30'];
const ALL = [...BUILT, '3.6.14', '3.7.1'];
const FROM_3_4 = ALL.slice(1);
const FROM_3_6 = ALL.slice(3);
const READY = /ready to serve client requests|serving client traffic/;

const REFUSED: readonly (readonly [Settings, readonly string[]])[] = [
  [{ 'heartbeat-interval': '08' }, ALL],
  [{ 'max-snapshots': '9223372036854775808' }, ALL.slice(0, 3)],
  [{ 'max-concurrent-streams': '4294967296' }, ALL.slice(2)],
  [{ 'backend-batch-limit': '9223372036854775808' }, FROM_3_4],
  [{ 'grpc-keepalive-interval': '2562048h' }, ALL],
  [{ 'auto-compaction-retention': '2562048h' }, ALL],
  [{ 'auto-compaction-retention': '1ns' }, ALL],
  [{ 'quota-backend-bytes': '281474976710656' }, ALL],
  [{ cors: 'http://a' }, FROM_3_4],
  [{ 'max-learners': '-1' }, FROM_3_6],
  [{ 'v2-deprecation': 'not-yet' }, FROM_3_6],
  [{ 'v2-deprecation': 'write-only-skip-check' }, ['3.5.30']],
  [{ 'v2-deprecation': 'gone', 'enable-v2': 'true' }, ['3.5.30']],
  [{ 'feature-gates': 'Foo=true' }, FROM_3_6],
  [{ 'feature-gates': 'CompactHashCheck=yes' }, FROM_3_6],
  [{ 'feature-gates': 'LeaseCheckpointPersist=true' }, FROM_3_6],
  [{ 'feature-gates': 'PriorityRequest=true' }, ['3.6.14']],
  [
    { 'feature-gates': 'CompactHashCheck=true', 'experimental-compact-hash-check-enabled': 'true' },
    ['3.6.14'],
  ],
  [{ 'enable-distributed-tracing': 'true', 'distributed-tracing-sampling-rate': '-1' }, FROM_3_6],
  [{ 'listen-metrics-urls': 'http://127.0.0.1:99999' }, ALL],
  [{ 'listen-metrics-urls': 'https://127.0.0.1:23811' }, ALL],
  [{ 'log-outputs': 'systemd/journal,stderr' }, FROM_3_4],
  [{ logger: 'capnslog', 'log-outputs': 'stdout,stderr' }, ['3.4.23']],
  [{ 'log-output': 'syslog' }, ['3.3.25']],
];

const TAKEN: readonly (readonly [Settings, readonly string[]])[] = [
  [{ 'max-snapshots': '9223372036854775807' }, ALL],
  [{ 'grpc-keepalive-interval': '2562047h' }, ALL],
  [{ 'auto-compaction-retention': '1s' }, ALL],
  [{ 'auto-compaction-retention': '08' }, ALL],
  [{ 'quota-backend-bytes': '17592186044416' }, ALL],
  [{ cors: 'http://a:1,https://b:2' }, ALL],
  [{ 'feature-gates': 'AllAlpha=true,LeaseCheckpointPersist=T' }, FROM_3_6],
  [{ 'v2-deprecation': 'write-only-skip-check' }, FROM_3_6],
];

for (const [rows, verdict, few] of [
  [REFUSED, 'refused', 6],
  [TAKEN, 'taken', 2],
] as const) {
  const cases = rows.flatMap(([settings, versions]) =>
    versions.map((version) => ({ settings, version })),
  );
  const here = cases.filter(
    ({ version }) => BUILT.includes(version) || existsSync(etcdPaths(version).sums),
  );
  for (const { settings, version } of extent(here, few)) {
    const title = `settings: ${JSON.stringify(settings)} are ${verdict} by etcd ${version} and by the inventory`;
    test.serial(title, async (t) => {
      t.timeout(600_000, 'etcd may have to be fetched');
      const programs = await ensureEtcd(version, t.log);
      t.is(inventoryOf(version, settings), verdict);
      const { outcome, log } = await start(join(programs.directory, 'etcd'), version, settings);
      t.is(outcome, verdict, log);
    });
  }
}

function inventoryOf(version: string, settings: Settings): 'refused' | 'taken' {
  const lines = Object.entries(settings).map(([flag, value]) => `    ${flag}: "${value}"`);
  const text = [
    ...['cluster: c', 'protocol: http', 'etcd:', `  version: ${version}`, '  settings:', ...lines],
    ...['members:', '  - {name: a, address: 10.0.0.1}', ''],
  ].join('\n');
  try {
    parseInventory(text, 'i');
    return 'taken';
  } catch (error) {
    if (error instanceof Failure) return 'refused';
    throw error;
  }
}

interface Start {
  readonly outcome: 'refused' | 'taken';
  readonly log: string;
}

/** Whether a first start of one member on loopback becomes ready or ends; throws when neither comes in a minute. */
async function start(program: string, version: string, settings: Settings): Promise<Start> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-refused-'));
  const [client, peer] = await freePorts();
  const own = {
    ...{ name: 'a', 'data-dir': join(directory, 'data'), 'initial-cluster': `a=${peer}` },
    ...{ 'listen-client-urls': client, 'advertise-client-urls': client },
    ...{ 'listen-peer-urls': peer, 'initial-advertise-peer-urls': peer },
    ...(version.startsWith('3.4.') ? { logger: 'zap' } : {}),
  };
  const etcd = spawn(program, {
    env: Object.fromEntries(
      Object.entries({ ...own, ...settings }).map(([flag, value]) => [variableOf(flag), value]),
    ),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(etcd, 'exit');
  try {
    return await outcomeOf(etcd);
  } finally {
    etcd.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true });
  }
}

async function outcomeOf({ stderr }: ChildProcess): Promise<Start> {
  if (stderr === null) throw new Error('stderr is piped');
  let log = '';
  const late = setTimeout(
    () => stderr.destroy(new Error(`neither ready nor ended: ${log}`)),
    60_000,
  );
  try {
    for await (const chunk of stderr) {
      log += String(chunk);
      if (READY.test(log)) return { outcome: 'taken', log };
    }
    return { outcome: 'refused', log };
  } finally {
    clearTimeout(late);
  }
}

async function freePorts(): Promise<readonly [string, string]> {
  const servers = [createServer(), createServer()] as const;
  const urls = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const found = server.address();
      return `http://127.0.0.1:${typeof found === 'object' ? found?.port : found}`;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [client = '', peer = ''] = urls;
  return [client, peer];
}
