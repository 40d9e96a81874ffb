import test, { type ExecutionContext } from 'ava';
import { cutPower, restorePower } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { contents, watchFrom } from '../observer/contents.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

const MB = 1e6;
const QUOTA = 32 * MB;
const lab = useLab({ count: 3 });

let cluster: Cluster;

test.serial.before('a cluster with a small quota', async (t) => {
  t.timeout(600_000);
  const settings = { 'quota-backend-bytes': QUOTA };
  cluster = await describeCluster(lab.current, { etcd: { settings } });
  ok(t, await lab.current.provision(['up', cluster.inventory, '--yes']));
});

test.serial(
  'maintain defrag: one member after another under a writer, by two runs of which the first is killed',
  async (t) => {
    await overwrite(15);
    ok(t, await maintain('compact', '--keep', '0', '--yes'));
    for (const one of await databases()) t.true(one.size - one.used > 5 * MB, JSON.stringify(one));
    const observer = observe(endpoints(cluster));
    const words = ['maintain', 'defrag', cluster.inventory, '--yes', '--when', 'free > 5MB'];
    const killed = await startOperator(words);
    await killed.says(/defragment its database.*\(\d+\.\d s\)/);
    killed.kill('SIGKILL');
    await killed.ended;
    const again = await lab.current.provision([...words, '--lock-wait', '60']);
    ok(t, again);
    t.regex(again.stdout, /is left out: .*not true of it: free > 5MB/);
    for (const one of await databases()) t.true(one.size < 5 * MB, JSON.stringify(one));
    const { failedWrites, lost, staleReads, missedEvents } = await observer.stop();
    t.deepEqual(
      { failedWrites, lost, staleReads, missedEvents },
      { failedWrites: [], lost: [], staleReads: [], missedEvents: [] },
    );
  },
);

test.serial(
  'maintain defrag: nobody is touched while a member is down, nor where a rule is wrong',
  async (t) => {
    const third = hostAt(lab.current, 2);
    await said(third, 'systemctl stop etcd');
    const refused = await maintain('defrag', '--yes', '--when', 'size > 1');
    await said(third, 'systemctl start etcd');
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, new RegExp(`${third.name}: does not answer a linearizable read`));
    const wrong = await maintain('defrag', '--when', 'size > 1 and free > 2');
    t.is(wrong.exitCode, 2, wrong.stdout + wrong.stderr);
    t.regex(wrong.stderr, /--when, column 10: and is not known/);
  },
);

test.serial(
  'maintain space: from NOSPACE back to writes, by two runs of which the first is killed',
  async (t) => {
    const observer = observe(endpoints(cluster));
    await t.throwsAsync(overwrite(60), { message: /database space exceeded/ });
    const alarms = await maintain('alarms');
    t.is(alarms.exitCode, 1, alarms.stdout + alarms.stderr);
    t.regex(alarms.stdout, /: NOSPACE: its database was full/);
    t.regex(alarms.stdout, /next: .*provision maintain space/);
    const early = await maintain('alarms', '--disarm', '--yes');
    t.is(early.exitCode, 3, early.stdout + early.stderr);
    const doctor = await lab.current.provision(['doctor', cluster.inventory]);
    t.regex(doctor.stdout, /provision maintain space/);

    const killed = await startOperator(['maintain', 'space', cluster.inventory, '--yes']);
    await killed.says(/defragment its database.*\(\d+\.\d s\)/);
    killed.kill('SIGKILL');
    await killed.ended;
    const again = await maintain('space', '--yes', '--lock-wait', '60');
    ok(t, again);
    t.regex(again.stdout, /proof: done, and a write was taken/);
    t.deepEqual(await agreedValue(cluster, 'written'), ['written', 'written', 'written']);
    for (const one of await databases()) t.true(one.size < 0.9 * QUOTA, JSON.stringify(one));
    ok(t, await maintain('alarms'));
    ok(t, await lab.current.provision(['status', cluster.inventory]));
    const more = await maintain('space');
    ok(t, more);
    t.regex(more.stdout, /proof: nothing to do/);
    const { lost, staleReads } = await observer.stop();
    t.deepEqual({ lost, staleReads }, { lost: [], staleReads: [] });
  },
);

test.serial(
  'maintain space --without: beside a host that is down, and its return ends it',
  async (t) => {
    await t.throwsAsync(overwrite(60), { message: /database space exceeded/ });
    const third = hostAt(lab.current, 2);
    await cutPower(third);
    const told = await maintain('space', '--yes', '--timeout', '300');
    t.is(told.exitCode, 4, told.stdout + told.stderr);
    const offered = `maintain space --timeout 300 ${cluster.inventory} --without ${third.name}`;
    t.true(told.stderr.includes(offered), told.stderr);
    const kept = await lab.current.provision([...offered.split(' '), '--yes']);
    t.is(kept.exitCode, 6, kept.stdout + kept.stderr);
    t.regex(kept.stderr, /would take no requests meanwhile, and 1 of 3 members would be left/);
    const two = [...offered.split(' '), '--yes', '--allow-downtime'];
    const done = await lab.current.provision(two);
    t.is(done.exitCode, 6, done.stdout + done.stderr);
    t.regex(done.stdout, /proof: done, and a write was taken/);
    t.regex(
      done.stderr,
      new RegExp(`still to come: ${third.name} \\(away; .*raises NOSPACE again`),
    );

    await restorePower(third);
    await said(third, 'until systemctl is-active etcd; do sleep 0.2; done');
    ok(t, await maintain('space', '--yes'));
    t.deepEqual(await agreedValue(cluster, 'back'), ['back', 'back', 'back']);
    for (const one of await databases()) t.true(one.size < 0.9 * QUOTA, JSON.stringify(one));
  },
);

test.serial(
  'maintain space: where too much is in use, the quota that is named makes space',
  async (t) => {
    await fillUp(t);
    const refused = await maintain('space', '--yes');
    t.is(refused.exitCode, 1, refused.stdout + refused.stderr);
    const [, wanted] = /quota-backend-bytes to (\d+) in the inventory/.exec(refused.stderr) ?? [];
    const settings = { 'quota-backend-bytes': Number(wanted) };
    cluster = await describeCluster(lab.current, { etcd: { settings } });
    // It ends with 1: the alarm stands until it is disarmed.
    await lab.current.provision(['up', cluster.inventory, '--yes']);
    ok(t, await maintain('space', '--yes'));
    t.deepEqual(await agreedValue(cluster, 'more'), ['more', 'more', 'more']);
  },
);

test.serial(
  'maintain compact: keeps what it is told to keep, and never goes beyond the present',
  async (t) => {
    await overwrite(1);
    const [endpoint] = endpoints(cluster);
    if (endpoint === undefined) throw new Error('nobody to ask');
    const { revision } = await contents(endpoint);
    ok(t, await maintain('compact', '--keep', '3', '--yes'));
    t.is(await watchFrom(endpoint, revision - 3), 'watching');
    t.like(await watchFrom(endpoint, revision - 5), { compacted: revision - 3 });
    const beyond = await maintain('compact', '--revision', '99999999', '--yes');
    t.is(beyond.exitCode, 3, beyond.stdout + beyond.stderr);
    t.regex(beyond.stderr, /is at revision \d+, and cannot be compacted to 99999999/);
  },
);

test.serial(
  'maintain schedule: begun on all hosts at once, one member after another; nobody beside one that is down',
  async (t) => {
    const { hosts } = lab.current;
    await overwrite(15);
    ok(t, await maintain('compact', '--keep', '0', '--yes'));
    ok(t, await maintain('schedule', '--when', 'free > 5MB', '--yes'));
    t.deepEqual(
      await Promise.all(hosts.map((one) => said(one, 'systemctl is-active etcd-maintain.timer'))),
      hosts.map(() => 'active'),
    );
    const observer = observe(endpoints(cluster));
    const since = await said(hostAt(lab.current, 0), 'date +%s.%N');
    await Promise.all(hosts.map((one) => said(one, 'systemctl start etcd-maintain.service')));
    for (const one of await databases()) t.true(one.size - one.used < 5 * MB, JSON.stringify(one));
    const turns = (await Promise.all(hosts.map((one) => defragmented(one, since)))).flat();
    t.is(turns.length, hosts.length);
    const inOrder = turns.toSorted((a, b) => a.from - b.from);
    for (const [at, turn] of inOrder.entries()) {
      const before = inOrder[at - 1];
      if (before !== undefined) t.true(before.to <= turn.from, JSON.stringify(inOrder));
    }
    const { failedWrites, lost, staleReads } = await observer.stop();
    t.deepEqual({ failedWrites, lost, staleReads }, { failedWrites: [], lost: [], staleReads: [] });

    await overwrite(15);
    ok(t, await maintain('compact', '--keep', '0', '--yes'));
    const [first, third] = [hostAt(lab.current, 0), hostAt(lab.current, 2)];
    await said(third, 'systemctl stop etcd');
    await said(first, 'systemctl start etcd-maintain.service');
    const log = await said(first, 'journalctl --unit etcd-maintain --lines 20 --output cat');
    await said(third, 'systemctl start etcd');
    t.regex(log, new RegExp(`${third.name} does not answer: nobody is touched`));
    for (const one of await databases()) t.true(one.size - one.used > 5 * MB, JSON.stringify(one));

    ok(t, await maintain('schedule', '--remove', '--yes'));
    const left = 'ls /etc/etcd/maintain.sh /etc/systemd/system/etcd-maintain.* 2>/dev/null | wc -l';
    t.deepEqual(
      await Promise.all(hosts.map((one) => said(one, left))),
      hosts.map(() => '0'),
    );
  },
);

/** When the member of a host was defragmented, in seconds, as its etcd says. */
async function defragmented(host: LabHost, since: string) {
  const log = await said(host, `journalctl --unit etcd --since @${since} --output short-unix`);
  const at = (message: string) =>
    log
      .split('\n')
      .filter((line) => line.includes(`"msg":"${message}"`))
      .map((line) => Number(line.split(' ')[0]));
  const ends = at('finished defragmenting directory');
  return at('defragmenting').map((from, turn) => ({ from, to: ends[turn] ?? Number.NaN }));
}

function maintain(verb: string, ...more: readonly string[]) {
  return lab.current.provision(['maintain', verb, cluster.inventory, ...more]);
}

function ok(
  t: ExecutionContext,
  {
    exitCode,
    stdout,
    stderr,
  }: { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string },
): void {
  t.is(exitCode, 0, stdout + stderr);
}

/** Writes so many megabytes over and over into five keys. */
function overwrite(megabytes: number): Promise<void> {
  return write(megabytes, (index) => `over/${index % 5}`);
}

/**
 * Writes keys of their own until no more is taken and what is in use leaves no room. On a busy machine a good part of a full
 * database may be free: then that is made use of first.
 */
async function fillUp(t: ExecutionContext): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    const filling = write(60, (index) => `own/${turn}/${index}`);
    await t.throwsAsync(filling, { message: /database space exceeded/ });
    const measured = await databases();
    if (measured.every(({ used }) => used > 0.92 * QUOTA)) return;
    t.true(turn < 5, JSON.stringify(measured));
    ok(t, await maintain('space', '--yes'));
  }
}

async function write(megabytes: number, keyOf: (index: number) => string): Promise<void> {
  const [endpoint] = endpoints(cluster);
  if (endpoint === undefined) throw new Error('nobody to write to');
  const client = kvClient(endpoint);
  try {
    for (let index = 0; index < megabytes * 5; index += 1)
      await client.put(keyOf(index), 'x'.repeat(200_000), 10_000);
  } finally {
    client.close();
  }
}

interface Measured {
  readonly name: string;
  readonly size: number;
  readonly used: number;
}

/** What status says of the members' databases. */
async function databases(): Promise<readonly Measured[]> {
  const { stdout } = await lab.current.provision(['status', cluster.inventory, '--json']);
  const {
    members,
  }: {
    readonly members: readonly {
      readonly name: string;
      readonly dbSize: number;
      readonly dbSizeInUse: number;
      readonly quota: number;
    }[];
  } = JSON.parse(stdout);
  return members.map(({ name, dbSize, dbSizeInUse }) => ({
    name,
    size: dbSize,
    used: dbSizeInUse,
  }));
}
