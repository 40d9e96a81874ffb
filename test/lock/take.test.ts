import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import type { Host } from '../../src/host/host.ts';
import type { Holder } from '../../src/lock/holder.ts';
import { evictHolder, lockState } from '../../src/lock/inspect.ts';
import { type Lease, Locked, takeLock, takeLockWithin } from '../../src/lock/take.ts';
import { sh } from '../../src/shell/command.ts';
import { shelter } from './shelter.ts';

const since = '2026-11-21T10:00:00.000Z';
const alice: Holder = { id: 'aaaa', who: 'alice@north', pid: 11, command: 'up', since };
const bob: Holder = { id: 'bbbb', who: 'bob@south', pid: 22, command: 'down', since };

function take(hosts: readonly Host[], holder: Holder, memberCount = hosts.length): Promise<Lease> {
  return takeLock('prod', hosts, memberCount, holder, `cut ${holder.id}`);
}

/** The lock once it is free: a keeper of the run that was denied may get its turn for an instant, and lets go of it. */
async function stateOnceFree(host: Host) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const state = await lockState(host, 'prod');
    const isFree = !state.held && state.holder === undefined;
    if (isFree || performance.now() > deadline) return state;
    await sleep(20);
  }
}

test('takeLock() keeps the lock on every host until it is released', async (t) => {
  const places = [shelter('a'), shelter('b'), shelter('c')];
  const hosts = places.map(({ host }) => host);
  const lease = await take(hosts, alice);
  t.is(lease.quietSince, Number.NEGATIVE_INFINITY);
  t.is(lease.cut, undefined);

  const denied = await t.throwsAsync(take(hosts, bob), { instanceOf: Locked });
  t.deepEqual(
    [denied?.reason, denied?.message],
    ['locked', `prod: locked on a by alice@north (process 11), doing up since ${since}`],
  );
  const held = await lockState(places[1]?.host ?? shelter('x').host, 'prod');
  t.deepEqual(
    { ...held, silentFor: undefined },
    { held: true, holder: alice, strangers: [], silentFor: undefined },
  );

  const before = performance.now();
  await lease.release('{"what":"done"}');
  for (const { host, directory } of places) {
    t.deepEqual(await stateOnceFree(host), {
      held: false,
      holder: undefined,
      strangers: [],
      silentFor: undefined,
    });
    t.is(readFileSync(join(directory, 'history.jsonl'), 'utf8'), '{"what":"done"}\n');
  }
  const next = await take(hosts, bob);
  t.true(next.quietSince > before - 1000, 'somebody was at work until a moment ago');
  t.is(next.cut, undefined);
  await next.release();
  t.is(
    readFileSync(join(places[0]?.directory ?? '', 'history.jsonl'), 'utf8'),
    '{"what":"done"}\n',
  );
});

test('Lease.leave() gives the lock back on one host, which others keep, and takes it there again', async (t) => {
  const places = [shelter('a'), shelter('b'), shelter('c')];
  const hosts = places.map(({ host }) => host);
  const lease = await take(hosts, alice);
  lease.changing();
  const rejoin = await lease.leave('b');
  const [, second] = hosts;
  if (second === undefined) return t.fail();
  t.is((await stateOnceFree(second)).held, false);
  await t.throwsAsync(take(hosts, bob), { instanceOf: Locked });
  t.is((await stateOnceFree(second)).held, false);
  await rejoin();
  t.is((await lockState(second, 'prod')).held, true);
  t.false(lease.lost.aborted);
  await lease.release('{"what":"done"}');
  for (const { directory } of places)
    t.is(readFileSync(join(directory, 'history.jsonl'), 'utf8'), '{"what":"done"}\n');
});

test('Lease.leave() does not take the lock again where another run has it', async (t) => {
  const hosts = [shelter('a'), shelter('b'), shelter('c')].map(({ host }) => host);
  const lease = await take(hosts, alice);
  const rejoin = await lease.leave('b');
  const other = await take(hosts.slice(1, 2), bob);
  const denied = await t.throwsAsync(rejoin(), { instanceOf: Locked });
  t.deepEqual(denied?.holder, bob);
  await other.release();
  await lease.release();
});

test('takeLock() lets one of two runs pass that start together', async (t) => {
  const hosts = [shelter('a'), shelter('b'), shelter('c')].map(({ host }) => host);
  const both = await Promise.allSettled([take(hosts, alice), take(hosts.toReversed(), bob)]);
  t.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const one of both) if (one.status === 'fulfilled') await one.value.release();
});

test('takeLock() is content with most of the members, and not with less', async (t) => {
  const hosts = [shelter('a'), shelter('b')].map(({ host }) => host);
  const lease = await take(hosts, alice, 3);
  await lease.release();
  await t.throwsAsync(take(hosts, alice, 4), {
    message: 'prod: only 2 of 4 members can be reached, too few to lock the cluster',
  });
});

test('takeLock() gives the lock back everywhere when one host cannot keep it', async (t) => {
  const good = shelter('a');
  const bad: Host = {
    ...good.host,
    name: 'b',
    run: async () => ({ exitCode: 1, stdout: '', stderr: 'read-only file system' }),
  };
  await t.throwsAsync(take([good.host, bad], alice), {
    message: 'b: could not lock prod: read-only file system',
  });
  const lease = await take([good.host], bob);
  await lease.release();
});

test('a lease is lost when its keeper is ended, and the next run hears of it', async (t) => {
  const { host, directory } = shelter('a');
  const lease = await take([host], alice);
  lease.changing();
  await sleep(200);
  await evictHolder(host, 'prod', 'bbbb');
  t.false(lease.lost.aborted, 'another run was meant');
  await evictHolder(host, 'prod', 'aaaa');
  for (let looks = 0; looks < 100 && !lease.lost.aborted; looks++) await sleep(50);
  t.true(lease.lost.reason instanceof Failure);
  await lease.release('{"never":"written"}');
  t.throws(() => readFileSync(join(directory, 'history.jsonl')), { code: 'ENOENT' });

  const next = await take([host], bob);
  t.deepEqual(next.cut, alice);
  t.true(next.quietSince > performance.now() - 60_000);
  await next.release();
});

test('takeLockWithin() tries again while the lock is held, and says so once', async (t) => {
  const { host } = shelter('a');
  const lease = await take([host], alice);
  const said: string[] = [];
  const say = (sentence: string) => said.push(sentence);
  const waiting = takeLockWithin(30, () => take([host], bob), say);
  for (let looks = 0; looks < 100 && said.length === 0; looks++) await sleep(50);
  await lease.release();
  await (await waiting).release();
  t.deepEqual(said, [
    `prod: locked on a by alice@north (process 11), doing up since ${since}; waiting for up to 30 s`,
  ]);
  const again = await take([host], alice);
  await t.throwsAsync(
    takeLockWithin(0, () => take([host], bob), say),
    { instanceOf: Locked },
  );
  await again.release();
  t.is(said.length, 1);
});

test('lockState() names what has the lock and is no run, and release leaves it alone', async (t) => {
  const place = shelter('a');
  await place.host.run(sh`mkdir -p ${place.directory}`);
  const other = spawn('flock', [join(place.directory, 'prod.lock'), 'sleep', '30']);
  t.teardown(() => other.kill());
  let state = await lockState(place.host, 'prod');
  for (let looks = 0; looks < 100 && !state.held; looks++) {
    await sleep(50);
    state = await lockState(place.host, 'prod');
  }
  t.true(state.held);
  t.true(state.strangers.some((one) => one.startsWith(`${other.pid} `) && one.endsWith(' flock')));
  await evictHolder(place.host, 'prod', 'aaaa');
  t.is(other.exitCode, null);
  t.true((await lockState(place.host, 'prod')).held);
});

test('takeLock() keeps the lock from every account but root', async (t) => {
  const place = shelter('a');
  chmodSync(place.directory, 0o755);
  const lease = await take([place.host], alice);
  t.is(statSync(place.directory).mode & 0o777, 0o700);
  await lease.release();
});
