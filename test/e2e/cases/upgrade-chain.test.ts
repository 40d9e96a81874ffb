import { cp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import { type Cluster, describeCluster, endpoints, purge } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { releases } from '../lab/releases.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { type Observer, observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';
import { isAtHand } from './up-version.ts';

// One cluster that climbs from test to test, and goes back; what no Debian release has is compiled before.
const STAGES = ['3.3.25', '3.4.23', '3.5.16', '3.5.33', '3.6.14', '3.7.1'];
/** etcd's own default, milliseconds. */
const ELECTION_TIMEOUT = 1000;
const hasCompiled = STAGES.every(isAtHand);
const lab = useLab({ count: 3, etcd: '3.3.25' });

/** Skipped where go is not at hand to compile what is missing. */
const inChain = hasCompiled ? test.serial : test.serial.skip;

async function at(version: string, etcd: Readonly<Record<string, unknown>> = {}): Promise<Cluster> {
  await ensureEtcd(version, () => {});
  return describeCluster(lab.current, { version, etcd, file: `at-${version}` });
}

const running = () =>
  Promise.all(lab.current.hosts.map((one) => said(one, 'readlink /proc/$(pidof etcd)/exe')));

const all = (version: string) => lab.current.hosts.map(() => `/opt/etcd/${version}/etcd`);

/** Every member runs the version, another run has nothing to do, and status tells nothing half done. */
async function stands(t: ExecutionContext, cluster: Cluster, version: string): Promise<void> {
  t.deepEqual(await running(), all(version));
  const again = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout);
  const { stdout } = await lab.current.provision(['status', cluster.inventory]);
  t.notRegex(stdout, /half done|is begun/);
}

async function goes(t: ExecutionContext, cluster: Cluster, version: string): Promise<void> {
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  await stands(t, cluster, version);
}

/** No acknowledged write is gone, each was taken by somebody, and a watcher saw them all in their order. */
async function nothingLost(t: ExecutionContext, observer: Observer): Promise<void> {
  const seen = await observer.stop();
  const { lost, failedWrites, staleReads, missedEvents, disorderedEvents } = seen;
  const { acknowledged, longestStall, ownDelay } = seen;
  t.log(
    `${acknowledged} writes, longest stall ${longestStall.milliseconds} ms (own delay ${ownDelay} ms)`,
  );
  t.deepEqual(
    { lost, failedWrites, staleReads, missedEvents, disorderedEvents },
    { lost: [], failedWrites: [], staleReads: [], missedEvents: [], disorderedEvents: [] },
  );
  t.true(acknowledged > 0);
  // Longer is a leader that stopped without handing over, and its followers' election went wrong once.
  t.true(longestStall.milliseconds - ownDelay <= 2 * ELECTION_TIMEOUT);
}

inChain('up: from 3.3 to 3.7 over every version under clients', async (t) => {
  t.timeout(600_000);
  const [start = '', ...later] = STAGES;
  const first = await at(start);
  t.is((await lab.current.provision(['up', first.inventory, '--yes'])).exitCode, 0);
  const since = Date.now();
  const observer = observe(endpoints(first));
  for (const version of later) await goes(t, await at(version), version);
  await nothingLost(t, observer);
  await oneAtATime(t, lab.current.hosts, since, later.length * lab.current.hosts.length);
});

inChain(
  'up: from 3.7 back to 3.5 minor by minor under clients, cut off at each stage',
  async (t) => {
    t.timeout(600_000);
    const top = await at('3.6.14');
    const since = Date.now();
    const observer = observe(endpoints(top));
    await goes(t, top, '3.6.14');

    const low = await at('3.5.33');
    for (const cut of [
      /enable 3\.5 \(\d/,
      /take \S+ back to 3\.5\.33[\s\S]*restart etcd\.service \(\d/,
      /take \S+ back to 3\.5\.33[\s\S]*point \/opt\/etcd\/etcd at \S+ \(\d/,
    ]) {
      const killed = await startOperator(['up', low.inventory, '--yes']);
      await killed.says(cut);
      killed.kill('SIGKILL');
      await killed.ended;
      const { stdout } = await lab.current.provision(['doctor', low.inventory]);
      t.regex(stdout, /a downgrade to 3\.5 is (begun|half done)/);
      t.regex(stdout, new RegExp(`provision up ${low.inventory}`));
    }
    // The inventory of before takes back who was changed.
    await goes(t, top, '3.6.14');
    await goes(t, low, '3.5.33');
    await nothingLost(t, observer);
    await oneAtATime(t, lab.current.hosts, since, 2 * lab.current.hosts.length);
  },
);

inChain('up: a downgrade whose program does not start ends where it began', async (t) => {
  t.timeout(300_000);
  const top = await at('3.6.14');
  await goes(t, top, '3.6.14');
  const low = await at('3.5.33');
  const observer = observe(endpoints(top));
  for (const [turns, is, after] of [
    [0, /nothing|put back/, 0],
    [1, /put back/, 1],
  ] as const) {
    const places = [0, 1, 2].map((place) => hostAt(lab.current, place));
    const program = '/opt/etcd/3.5.33/etcd';
    // It says its version and does not run: what a trial cannot see.
    const text = `#!/bin/sh\n[ "$1" != --version ] || exec ${program}.real --version\nexit 1\n`;
    const spoil = (broken: boolean, which: typeof places) =>
      Promise.all(
        which.map((one) =>
          said(
            one,
            broken
              ? `mv ${program} ${program}.real && printf '%s' '${text}' > ${program} && chmod 755 ${program}`
              : `[ ! -e ${program}.real ] || mv ${program}.real ${program}`,
          ),
        ),
      );
    const operator = await startOperator(['up', low.inventory, '--yes', '--timeout', '15']);
    await operator.says(turns === 0 ? /enable 3\.5 \(\d/ : /restart etcd\.service \(\d/);
    const now = await running();
    const late = places.filter((_, at) => now[at] === '/opt/etcd/3.6.14/etcd');
    await spoil(true, late);
    const { exitCode } = await operator.ended;
    t.is(exitCode, 1, operator.said());
    t.regex(operator.said(), is);
    await spoil(false, places);
    t.is((await running()).filter((one) => one === program).length, after, operator.said());
    if (turns === 0) {
      const { stdout } = await lab.current.provision(['status', top.inventory]);
      t.notRegex(stdout, /a downgrade/);
    }
  }
  await goes(t, low, '3.5.33');
  await nothingLost(t, observer);
});

inChain('up: from 3.5 over 3.5.33 and 3.6 to 3.7 while nobody writes', async (t) => {
  t.timeout(600_000);
  await purge(await at('3.5.33'));
  const first = await at('3.5.16');
  t.is((await lab.current.provision(['up', first.inventory, '--yes'])).exitCode, 0);
  const since = Date.now();
  // Few entries in the log since 3.5 wrote its own into it: nothing but the run itself puts them behind.
  const release = { source: { release: { url: await releases(t) } } };
  const later = await at('3.6.14', release);
  const paused = await lab.current.provision([
    ...['up', later.inventory, '--yes', '--pause-after', 'first'],
  ]);
  t.is(paused.exitCode, 6, paused.stdout + paused.stderr);
  t.is((await running()).filter((one) => one === '/opt/etcd/3.5.33/etcd').length, 1);
  await goes(t, later, '3.6.14');

  // Somebody brings 3.7 by hand, past the run that puts these entries behind.
  const third = hostAt(lab.current, 2);
  await cp(await realpath(etcdPaths('3.7.1').programs), join(third.root, 'opt/etcd/3.7.1'), {
    recursive: true,
  });
  await said(third, 'ln -sfn /opt/etcd/3.7.1 /opt/etcd/etcd; systemctl restart etcd');
  const { stdout } = await lab.current.provision(['doctor', later.inventory]);
  t.regex(stdout, new RegExp(`${third.name}: its log still holds entries of the v2 API`));
  t.regex(stdout, /set etcd\.version to what the other members run; then provision up/);
  await goes(t, later, '3.6.14');
  await goes(t, await at('3.7.1', release), '3.7.1');
  await oneAtATime(t, lab.current.hosts, since, 3 * lab.current.hosts.length);
});
