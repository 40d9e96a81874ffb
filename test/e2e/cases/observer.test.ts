import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import { must } from '../../../src/lab/local-command.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** One real etcd on loopback. */
async function startEtcd(version: string, say: (line: string) => void) {
  const { programs } = await ensureEtcd(version, say);
  const data = await mkdtemp(join(tmpdir(), 'provision-observer-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const args = [
    ...['--data-dir', data, '--listen-client-urls', url, '--advertise-client-urls', url],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ];
  const etcd = spawn(join(programs, 'etcd'), args, { stdio: 'ignore' });
  const client = kvClient({ url });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const up = await client.put('up', 'yes', 500).then(
      () => true,
      // Not listening yet.
      () => false,
    );
    if (up) break;
    await sleep(100);
  }
  client.close();
  return {
    url,
    etcd,
    etcdctl: (...words: readonly string[]) =>
      must('ask etcdctl', join(programs, 'etcdctl'), [`--endpoints=${url}`, ...words], {
        env: { ETCDCTL_API: '3' },
      }),
    async end() {
      etcd.kill('SIGKILL');
      await once(etcd, 'close');
      await rm(data, { recursive: true });
    },
  };
}

/** Waits until the observer has written: a process takes its time to start on a busy machine. */
async function untilWriting(server: Awaited<ReturnType<typeof startEtcd>>): Promise<void> {
  for (let looks = 0; looks < 300; looks++) {
    const keys = await server.etcdctl('get', 'observer/', '--prefix', '--keys-only');
    if ((keys.match(/^observer/gm)?.length ?? 0) >= 5) return;
    await sleep(100);
  }
  throw new Error('the observer wrote nothing within half a minute');
}

for (const version of ['3.3.25', '3.5.30']) {
  test.serial(`observe() writes to etcd ${version}, reads back, and sees a stall`, async (t) => {
    const server = await startEtcd(version, t.log);
    t.teardown(server.end);
    const observer = observe([{ url: server.url }]);
    await untilWriting(server);
    await sleep(1000);
    server.etcd.kill('SIGSTOP');
    await sleep(1200);
    server.etcd.kill('SIGCONT');
    await sleep(500);
    const seen = await observer.stop();

    const counted = await server.etcdctl('get', 'observer/', '--prefix', '--keys-only');
    t.is(counted.match(/^observer/gm)?.length, seen.acknowledged);
    t.true(seen.longestStall.milliseconds >= 1100, JSON.stringify(seen));
    t.deepEqual([seen.lost, seen.failedWrites, seen.staleReads], [[], [], []]);
    t.deepEqual([seen.missedEvents, seen.disorderedEvents], [[], []]);
    t.deepEqual(seen.takenBy, { [server.url]: seen.acknowledged });
  });
}

test.serial(
  'observe() goes on watching where a watch broke off, also behind a compaction',
  async (t) => {
    const server = await startEtcd('3.5.30', t.log);
    t.teardown(server.end);
    for (const value of ['a', 'b', 'c']) await server.etcdctl('put', 'before', value);
    await server.etcdctl('compact', '3');
    const observer = observe([{ url: server.url }]);
    await untilWriting(server);
    await sleep(1000);
    server.etcd.kill('SIGSTOP');
    await sleep(3000);
    server.etcd.kill('SIGCONT');
    await sleep(1000);
    const seen = await observer.stop();
    t.true(seen.watchBreaks.length > 0);
    t.deepEqual([seen.missedEvents, seen.disorderedEvents], [[], []]);
  },
);

test.serial('observe() finds a write that was acknowledged and is gone', async (t) => {
  const server = await startEtcd('3.5.30', t.log);
  t.teardown(server.end);
  const observer = observe([{ url: server.url }]);
  await untilWriting(server);
  const keys = (await server.etcdctl('get', 'observer/', '--prefix', '--keys-only')).match(
    /^o.*/gm,
  );
  const [first = '', second = ''] = keys ?? [];
  await server.etcdctl('del', first);
  await server.etcdctl('put', second, 'another value');
  t.deepEqual((await observer.stop()).lost, [first, second]);
});

test.serial('observe() goes on at another endpoint and says which one failed', async (t) => {
  const server = await startEtcd('3.5.30', t.log);
  t.teardown(server.end);
  const dead = `http://127.0.0.1:${await freePort()}`;
  const observer = observe([{ url: dead }, { url: server.url }]);
  await untilWriting(server);
  const seen = await observer.stop();
  t.deepEqual(seen.takenBy, { [server.url]: seen.acknowledged });
  t.deepEqual([...new Set(seen.failedAttempts.map(({ url }) => url))], [dead]);
  t.regex(seen.failedAttempts[0]?.why ?? '', /ECONNREFUSED/);
  t.deepEqual([seen.lost, seen.failedWrites], [[], []]);
});
