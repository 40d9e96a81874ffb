import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { machineOf } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { filter, filterNothing } from '../lab/firewall.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { membersOf } from '../lab/member-list.ts';
import { startOperator } from '../lab/operator.ts';
import { doInside } from '../lab/sabotage.ts';
import {
  filesNaming,
  giveAddress,
  knowSecondAddresses,
  secondAddress,
  takeAddress,
} from '../lab/second-address.ts';
import { memberIds } from '../observer/contents.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { unitRun } from '../observer/seen.ts';

// One cluster of three, whose members move from test to test.
const lab = useLab({ count: 3 });

const host = (at: number) => hostAt(lab.current, at);

/** The cluster with these of its members, from 0, at their second addresses. */
async function placed(file: string, moved: readonly number[], etcd = {}): Promise<Cluster> {
  const members = lab.current.hosts.map(({ name, ...one }, at) => ({
    ...{ name, address: moved.includes(at) ? secondAddress(one) : one.address },
  }));
  return { ...(await describeCluster(lab.current, { file, etcd, change: { members } })), members };
}

/** Writes and reads through the members at these places, none of which moves. */
const watch = (cluster: Cluster, ...staying: readonly number[]) =>
  observe(
    endpoints({ ...cluster, members: cluster.members.filter((_, at) => staying.includes(at)) }),
  );

/** The id of each member, as it says itself. */
const ids = (cluster: Cluster): Promise<readonly string[]> =>
  Promise.all(endpoints(cluster).map(async (one) => (await memberIds(one)).own));

const names = ({ members }: Cluster) => members.map(({ name }) => name).sort();

/** `up` ends well, and another run has nothing to do. */
async function settles(t: ExecutionContext, { inventory }: Cluster): Promise<void> {
  const up = await lab.current.provision(['up', inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const again = await lab.current.provision(['plan', inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
}

const moves = {
  /** One after another: what the first test gave, the next ones begin with. */
  none: [],
  third: [2],
  both: [1, 2],
  all: [0, 1, 2],
} as const;

test.serial('a member moves to another address, and nobody else is restarted', async (t) => {
  const [former, moved] = [await placed('former', moves.none), await placed('third', moves.third)];
  await settles(t, former);
  await knowSecondAddresses(lab.current);
  const before = await ids(former);
  // Who only looks is shown the list that etcd holds, with whoever differs.
  const listed = await lab.current.provision(['member', 'list', moved.inventory]);
  t.is(listed.exitCode, 1, listed.stdout + listed.stderr);
  for (const id of before) t.true(listed.stdout.includes(id), listed.stdout);
  const runs = () => Promise.all([unitRun(host(0)), unitRun(host(1))]);
  const others = await runs();
  const scheduled = await lab.current.provision([
    'snapshot',
    'schedule',
    former.inventory,
    '--yes',
  ]);
  t.is(scheduled.exitCode, 0, scheduled.stdout + scheduled.stderr);
  await giveAddress(host(2), secondAddress(host(2)));
  const observer = watch(former, 0, 1);
  await settles(t, moved);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  t.deepEqual(await ids(moved), before);
  t.deepEqual(await runs(), others);
  t.deepEqual((await membersOf(moved)).voters, names(moved));
  for (const at of moves.all) t.is(await filesNaming(host(at), `${host(2).address}:`), '');
});

test.serial(
  'a member whose former address is gone comes back, by a run that is killed and another',
  async (t) => {
    const [former, moved] = [await placed('third', moves.third), await placed('both', moves.both)];
    const before = await ids(former);
    const second = host(1);
    await giveAddress(second, secondAddress(second));
    await takeAddress(second, second.address);
    await doInside(second, sh`systemctl restart --no-block etcd`);
    const observer = watch(former, 0, 2);
    const killed = await startOperator(['up', moved.inventory, '--yes']);
    await killed.says(/change its peer URL in the membership to \S+, through \S+ \(\d/);
    killed.kill('SIGKILL');
    await killed.ended;
    const up = await lab.current.provision(['up', moved.inventory, '--yes', '--lock-wait', '60']);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    await settles(t, moved);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
    t.deepEqual(await ids(moved), before);
    for (const at of moves.all) t.is(await filesNaming(host(at), `${second.address}:`), '');
  },
);

const DROP_IN = '/etc/systemd/system/etcd.service.d';
const PORTS = { ports: { peer: 12_380 } };

test.serial('all members get another peer port, one after another', async (t) => {
  const [former, moved] = [
    await placed('both', moves.both),
    await placed('other-port', moves.both, PORTS),
  ];
  const before = await ids(former);
  const since = Date.now();
  const observer = watch(former, ...moves.all);
  await settles(t, moved);
  await oneAtATime(t, lab.current.hosts, since);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  t.deepEqual(await ids(moved), before);
  for (const at of moves.all) t.is(await filesNaming(host(at), ':2380'), '');
});

test.serial(
  'a member that others would not reach at its new address stays where it is',
  async (t) => {
    const [former, moved] = [
      await placed('other-port', moves.both, PORTS),
      await placed('all', moves.all, PORTS),
    ];
    const first = host(0);
    await giveAddress(first, secondAddress(first));
    await filter(first, `ip daddr ${secondAddress(first)} tcp dport 12380 drop`);
    const run = await unitRun(first);
    const refused = await lab.current.provision(['up', moved.inventory, '--yes']);
    await filterNothing(first);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(
      refused.stderr,
      new RegExp(`does not reach ${first.name} at ${secondAddress(first)}:12380`),
    );
    t.is(await unitRun(first), run);
    const again = await lab.current.provision(['plan', former.inventory]);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.notRegex(again.stdout, /restart-unit|update-peer-urls|write /);
  },
);

test.serial('a member that does not come up at its new address is put back', async (t) => {
  const [former, moved] = [
    await placed('other-port', moves.both, PORTS),
    await placed('all', moves.all, PORTS),
  ];
  const first = host(0);
  await giveAddress(first, secondAddress(first));
  const barred = `! grep -q LISTEN_PEER_URLS=.https://${secondAddress(first)}: /etc/etcd/etcd.conf`;
  await doInside(
    first,
    sh`cat > /root/bar.conf`,
    `[Service]\nExecStartPre=/bin/sh -c '${barred}'\n`,
  );
  const { init } = await machineOf(first);
  const hooks = join(lab.current.paths.directory, 'hooks');
  await mkdir(hooks);
  await writeFile(
    join(hooks, 'before-up'),
    `#!/bin/sh
exec nsenter --target ${init} --all /bin/sh -c 'mkdir -p ${DROP_IN}; mv /root/bar.conf ${DROP_IN}/; systemctl daemon-reload'
`,
    { mode: 0o755 },
  );
  const observer = watch(former, 1, 2);
  const up = await lab.current.provision(['up', moved.inventory, '--yes', '--timeout', '30']);
  await rm(hooks, { recursive: true });
  await doInside(first, sh`rm -rf ${DROP_IN} && systemctl daemon-reload`);
  t.is(up.exitCode, 1, up.stdout + up.stderr);
  t.true(
    up.stderr.includes(`${first.name} was put back as before, and all members answer`),
    up.stderr,
  );
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  const { stdout } = await lab.current.provision([
    ...['etcdctl', former.inventory, '--', 'member', 'list', '-w', 'simple'],
  ]);
  t.true(stdout.includes(`https://${first.address}:12380,`), stdout);
});

test.serial(
  'most machines are moved, and their former network is gone: by the printed command',
  async (t) => {
    const [former, moved] = [
      await placed('other-port', moves.both, PORTS),
      await placed('back', moves.none, PORTS),
    ];
    const value = 'kept-over-the-move';
    t.deepEqual(await agreedValue(former, value), [value, value, value]);
    // Before the network goes: without it etcd hands nothing on, and systemd ends it after ninety seconds.
    for (const at of moves.all) await doInside(host(at), sh`systemctl stop etcd`);
    for (const at of moves.both) {
      await giveAddress(host(at), host(at).address);
      await takeAddress(host(at), secondAddress(host(at)));
    }
    const refused = await lab.current.provision(['up', moved.inventory, '--yes']);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /at other addresses than the data of the cluster/);
    const printed = /provision (restore \S+ --from-member \S+)/.exec(refused.stderr)?.[1] ?? '';
    t.true(printed.startsWith(`restore ${moved.inventory} --from-member `), refused.stderr);
    const words = [...printed.split(' '), '--yes-restore', 'proof'];
    const restored = await lab.current.provision(words);
    t.is(restored.exitCode, 0, restored.stdout + restored.stderr);
    for (const one of endpoints(moved)) {
      const client = kvClient(one);
      const [found] = await client.range('proof/value', '', 1, 5_000);
      client.close();
      t.is(found?.value, value);
    }
    await settles(t, moved);
    for (const at of moves.both) t.is(await filesNaming(host(at), secondAddress(host(at))), '');
  },
);
