import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { UnknownOutcome } from '../../src/host/unknown-outcome.ts';
import { sh } from '../../src/shell/command.ts';
import { connectAll } from '../../src/ssh/connect.ts';
import type { Target } from '../../src/ssh/target.ts';
import { spoken } from '../spoken.ts';
import { connected, refused, sshdFor } from './connected.ts';
import { type Relay, startRelay } from './relay.ts';
import type { Sshd } from './sshd.ts';

/** An sshd, a relay before it, and the target as it is reached through the relay. */
async function relayed(
  t: ExecutionContext,
  config: readonly string[] = [],
): Promise<{ sshd: Sshd; relay: Relay; target: Target }> {
  const sshd = await sshdFor(t, { config });
  const relay = await startRelay(sshd.port);
  t.teardown(() => relay.stop());
  const hostKeys = 'accept-new';
  const target = sshd.target({ port: relay.port, knownHosts: `${sshd.directory}/via`, hostKeys });
  return { sshd, relay, target };
}

test('connectAll() tries again when sshd drops connections before the login', async (t) => {
  const { relay, target } = await relayed(t);
  relay.drop(3);
  const host = await connected(t, target);
  t.is((await host.run(sh`echo in`)).stdout, 'in\n');
  t.is(relay.taken(), 4);
});

test('connectAll() does not try for ever', async (t) => {
  const { relay, target } = await relayed(t);
  relay.drop(99);
  t.like(spoken(await refused(t, target)), {
    reason: 'unreachable',
    message: `etcd01: 127.0.0.1 port ${relay.port} dropped 6 connections before the login`,
    next: 'look there for why: journalctl -u ssh -u sshd (MaxStartups?)',
  });
  t.is(relay.taken(), 6);
});

test('connectAll() brings ten connections past MaxStartups 1', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxStartups 1:50:2'] });
  const targets = Array.from({ length: 10 }, () => sshd.target());
  const outcomes = await connectAll(targets, { concurrency: 10 });
  const failures = outcomes.filter((outcome) => outcome instanceof Failure);
  for (const outcome of outcomes) if (!(outcome instanceof Failure)) await outcome.close();
  t.deepEqual(failures, []);
});

test('connectAll() lets no dead host hide the others', async (t) => {
  const { sshd, relay, target } = await relayed(t);
  await relay.stop();
  const [dead, alive] = await connectAll([{ ...target, name: 'etcd02' }, sshd.target()], {
    concurrency: 1,
  });
  if (alive === undefined || alive instanceof Failure)
    throw new Error('the other one is dead, too');
  t.teardown(() => alive.close());

  t.is((await alive.run(sh`echo in`)).stdout, 'in\n');
  t.like(dead, {
    reason: 'unreachable',
    message: `etcd02: cannot reach 127.0.0.1 port ${relay.port}: connect ECONNREFUSED 127.0.0.1:${relay.port}`,
  });
});

test('connectAll() has a reason for every address of a name', async (t) => {
  const { relay, target } = await relayed(t);
  await relay.stop();
  const failure = await refused(t, { ...target, address: 'localhost' });
  t.regex(failure.message, /^etcd01: cannot reach localhost port \d+: .*ECONNREFUSED/);
});

test('connectAll() stops when told to', async (t) => {
  const { relay, target } = await relayed(t);
  relay.drop(99);
  const reason = new Failure('interrupted', 'Ctrl-C');
  const controller = new AbortController();
  const connecting = connectAll([target], { concurrency: 1, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  const [outcome] = await connecting;
  t.is(outcome, reason);
  t.true(relay.taken() < 6);
});

test('run() does not know what a command did whose connection was cut, and connects again', async (t) => {
  const { sshd, relay, target } = await relayed(t);
  const host = await connected(t, target);
  const running = host.run(sh`echo begun; sleep 30`);
  setTimeout(() => relay.cut(), 500);
  const failure = await t.throwsAsync(running, { instanceOf: UnknownOutcome });
  t.is(
    failure?.message,
    'etcd01: the connection ended while a command ran; whether the command took effect is unknown',
  );

  t.is((await host.run(sh`echo again`)).stdout, 'again\n');
  t.is(sshd.log().split('Accepted publickey').length - 1, 2);
});

test('run() says that a host is gone when it cannot be reached again', async (t) => {
  const { relay, target } = await relayed(t);
  const host = await connected(t, target);
  await relay.stop();
  const failure = await t.throwsAsync(host.run(sh`true`), { instanceOf: Failure });
  t.is(failure?.reason, 'unreachable');
});

test('run() finds a frozen connection within 30 s', async (t) => {
  const { relay, target } = await relayed(t);
  const host = await connected(t, target);
  await host.run(sh`true`);
  const running = host.run(sh`sleep 200`, { deadline: 100 });
  // A short command proves below that a live connection is not taken for a dead one.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  relay.freeze();
  const from = performance.now();
  const failure = await t.throwsAsync(running, { instanceOf: UnknownOutcome });
  const seconds = (performance.now() - from) / 1000;
  t.true(seconds < 30, `${seconds} s`);
  t.like(failure?.cause, { message: 'nothing heard for 28 s' });
  t.is((await host.run(sh`echo again`)).stdout, 'again\n');
});

test('run() keeps connections on which nothing happens for longer than that', async (t) => {
  const { sshd, target } = await relayed(t);
  const [busy, idle] = [await connected(t, target), await connected(t, target)];
  t.is((await busy.run(sh`sleep 32; echo woke`)).stdout, 'woke\n');
  t.is((await idle.run(sh`echo still`)).stdout, 'still\n');
  t.is(sshd.log().split('Accepted publickey').length - 1, 2);
});
