import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { cutPower, dropNothing, dropPort, restorePower } from '../../../src/lab/faults.ts';
import { sh } from '../../../src/shell/command.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { membersOf } from '../lab/member-list.ts';
import { startOperator } from '../lab/operator.ts';
import { doInside } from '../lab/sabotage.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

// One cluster that grows from test to test.
const lab = useLab({ count: 5 });

const named = (members: number): Promise<Cluster> =>
  describeCluster(lab.current, { members, file: `of-${members}` });

const host = (at: number) => hostAt(lab.current, at);

const namesOf = ({ members }: Cluster) => members.map(({ name }) => name).sort();

/** `up` ends well, the list is the inventory's, and another run has nothing to do. */
async function grows(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.deepEqual(await membersOf(cluster), { voters: namesOf(cluster), learners: [] });
  const again = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout);
}

test.serial(
  'up: a newcomer that nobody reaches is not added, and one member serves on',
  async (t) => {
    const one = await named(1);
    t.is((await lab.current.provision(['up', one.inventory, '--yes'])).exitCode, 0);
    const observer = observe(endpoints(one));
    const three = await named(3);
    await dropPort(host(1), 2380);
    const up = await lab.current.provision(['up', three.inventory, '--yes']);
    await dropNothing(host(1));
    t.is(up.exitCode, 3, up.stdout + up.stderr);
    const [first, second] = [host(0), host(1)];
    t.regex(up.stderr, new RegExp(`${second.name}: was not added: .*${first.name} does not reach`));
    t.deepEqual(await membersOf(three), { voters: namesOf(one), learners: [] });
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial('up: from one member to three without a failed write', async (t) => {
  const since = Date.now();
  const observer = observe(endpoints(await named(1)));
  await grows(t, await named(3));
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  await oneAtATime(t, lab.current.hosts.slice(0, 3), since, 2);
});

test.serial(
  'up: a learner that receives nothing is taken back, and the rest is as before',
  async (t) => {
    const three = await named(3);
    const four = await named(4);
    const observer = observe(endpoints(three));
    const operator = await startOperator(['up', four.inventory, '--yes', '--timeout', '4']);
    await operator.says(/to the list of members as a learner, through \S+ \(\d/);
    await dropPort(host(3), 2380);
    const { exitCode, stderr } = await operator.ended;
    await dropNothing(host(3));
    t.is(exitCode, 1, operator.said());
    t.regex(stderr, new RegExp(`${host(3).name} is not in the cluster, and all others answer`));
    t.deepEqual(await membersOf(three), { voters: namesOf(three), learners: [] });
    t.is(await said(host(3), 'systemctl is-active etcd || true'), 'inactive');
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial('up: fails where one newcomer has joined and the next one is refused', async (t) => {
  const four = await named(4);
  const five = await named(5);
  await dropPort(host(4), 2380);
  const up = await lab.current.provision(['up', five.inventory, '--yes']);
  await dropNothing(host(4));
  t.is(up.exitCode, 1, up.stdout + up.stderr);
  t.regex(up.stderr, new RegExp(`${host(4).name}: was not added: `));
  t.deepEqual(await membersOf(five), { voters: namesOf(four), learners: [] });
  // The next test has two to add.
  const { inventory } = await named(3);
  const left = await lab.current.provision(['up', inventory, '--yes', '--remove', host(3).name]);
  t.is(left.exitCode, 0, left.stdout + left.stderr);
});

test.serial('up: killed while a member joins, is finished by the next run', async (t) => {
  const five = await named(5);
  const since = Date.now();
  const observer = observe(endpoints(await named(3)));
  const added = await startOperator(['up', five.inventory, '--yes']);
  await added.says(/to the list of members as a learner, through \S+ \(\d/);
  added.kill('SIGKILL');
  await added.ended;
  const started = await startOperator(['up', five.inventory, '--yes', '--lock-wait', '60']);
  await started.says(/is ready, as long as it makes progress \(\d/);
  started.kill('SIGKILL');
  await started.ended;
  const promoted = await lab.current.provision([
    ...['member', 'promote', five.inventory, host(3).name, '--yes', '--lock-wait', '60'],
  ]);
  t.is(promoted.exitCode, 0, promoted.stdout + promoted.stderr);
  t.true((await membersOf(five)).voters.includes(host(3).name));
  const up = await lab.current.provision(['up', five.inventory, '--yes', '--lock-wait', '60']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  await grows(t, five);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  await oneAtATime(t, lab.current.hosts, since, 2);
});

test.serial(
  'up: leaves a member alone that the inventory lost, until told to remove it',
  async (t) => {
    const five = await named(5);
    const three = await named(3);
    const refused = await lab.current.provision(['up', three.inventory, '--yes']);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    const removal = `--remove ${host(3).name},${host(4).name}`;
    t.true(refused.stderr.includes(removal), refused.stderr);
    const list = await lab.current.provision(['member', 'list', three.inventory]);
    t.is(list.exitCode, 1, list.stdout + list.stderr);
    t.true(list.stdout.includes('3 of 5 must answer, 5 do, 2 may fail'), list.stdout);
    t.true(list.stdout.includes(removal), list.stdout);
    t.deepEqual(await membersOf(five), { voters: namesOf(five), learners: [] });
  },
);

test.serial('up --remove: two leave, one of them dead, and neither comes back', async (t) => {
  const three = await named(3);
  const [fourth, fifth] = [host(3), host(4)];
  await cutPower(fifth);
  const observer = observe(endpoints(three));
  const removes = ['--remove', `${fourth.name},${fifth.name}`];
  const up = await lab.current.provision(['up', three.inventory, '--yes', ...removes]);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.regex(up.stderr, new RegExp(`^note: ${fifth.name} is out of the cluster; its host`, 'm'));
  t.deepEqual(await membersOf(three), { voters: namesOf(three), learners: [] });
  t.is(
    await said(fourth, 'systemctl is-enabled etcd; systemctl is-active etcd'),
    'disabled\ninactive',
  );
  t.is(await said(fourth, 'ls -d /var/lib/etcd 2>/dev/null || echo moved'), 'moved');

  await restorePower(fifth);
  await sleep(5_000);
  t.deepEqual(await membersOf(three), { voters: namesOf(three), learners: [] });
  const again = await lab.current.provision(['plan', three.inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('up: a member that was removed comes back as a new one', async (t) => {
  const four = await named(4);
  const observer = observe(endpoints(await named(3)));
  await grows(t, four);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial(
  'up --remove: the host that a cut-off removal left is retired by the next run',
  async (t) => {
    const [three, four] = [await named(3), await named(4)];
    const fourth = host(3);
    const etcdctl = (...words: readonly string[]) =>
      lab.current.provision(['etcdctl', four.inventory, ...words]);
    const { stdout } = await etcdctl('--', 'member', 'list', '-w', 'simple');
    const id = new RegExp(`^([0-9a-f]+), started, ${fourth.name},`, 'm').exec(stdout)?.[1];
    if (id === undefined) throw new Error(stdout);
    // All that a run has done which is killed behind that.
    const remove = () => etcdctl('--force', '--', 'member', 'remove', id);
    let removed = await remove();
    // For 5 s behind the start of a member etcd calls its cluster unhealthy, and changes no list (etcdserver HealthInterval).
    for (let tries = 0; tries < 15 && /unhealthy cluster/.test(removed.stderr); tries++) {
      await sleep(1000);
      removed = await remove();
    }
    t.is(removed.exitCode, 0, removed.stderr);
    // Backups of nobody would fail there each night.
    await doInside(
      fourth,
      sh`cd /etc/systemd/system && head -n 1 etcd.service > etcd-snapshot.timer && cp etcd-snapshot.timer etcd-snapshot.service && printf '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n' >> etcd-snapshot.timer && printf '[Service]\nExecStart=/bin/true\n' >> etcd-snapshot.service && systemctl enable --now etcd-snapshot.timer`,
    );
    const state = () =>
      said(
        fourth,
        'systemctl is-enabled etcd etcd-snapshot.timer; systemctl is-active etcd-snapshot.timer; ls -d /var/lib/etcd 2>/dev/null || echo moved',
      );
    t.is(await state(), 'enabled\nenabled\nactive\n/var/lib/etcd');
    const observer = observe(endpoints(three));
    const words = ['up', three.inventory, '--yes', '--remove', fourth.name];
    const up = await lab.current.provision(words);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    t.is(await state(), 'disabled\ndisabled\ninactive\nmoved');
    t.regex((await lab.current.provision(words)).stdout, /nothing to do/);
    await grows(t, four);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial('up --remove: the first of the inventory leaves without a failed write', async (t) => {
  const four = await named(4);
  const [first] = lab.current.hosts;
  if (first === undefined) throw new Error('no host');
  const others = four.members.slice(1);
  const { inventory } = await describeCluster(lab.current, {
    ...{ file: 'without-first', change: { members: others } },
  });
  const cluster = { ...four, inventory, members: others };
  const observer = observe(endpoints(cluster));
  const up = await lab.current.provision(['up', inventory, '--yes', '--remove', first.name]);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.deepEqual(await membersOf(cluster), { voters: namesOf(cluster), learners: [] });
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial(
  'member move-leader: without a failed write, also beside a member that is down',
  async (t) => {
    const four = await named(4);
    const members = four.members.slice(1);
    const cluster = await describeCluster(lab.current, { file: 'moved', change: { members } });
    // Clients of the member that is stopped would have to turn to another.
    const observer = observe(endpoints({ ...cluster, members: members.slice(0, 2) }));
    const moved = async (...to: readonly string[]): Promise<string> => {
      const words = ['member', 'move-leader', cluster.inventory, ...to, '--yes', '--json'];
      const { exitCode, stdout, stderr } = await lab.current.provision(words);
      t.is(exitCode, 0, stdout + stderr);
      const { changed, leader } = JSON.parse(stdout);
      t.is(typeof changed, 'boolean');
      return leader;
    };
    const [second = '', third = '', fourth = ''] = members.map(({ name }) => name);
    for (const to of [second, third, fourth, fourth]) t.is(await moved(to), to);
    t.not(await moved(), fourth);
    const down = host(3);
    await said(down, 'systemctl stop etcd');
    t.is(await moved(second), second);
    t.is(await moved(), third);
    const refused = await lab.current.provision([
      ...['member', 'move-leader', cluster.inventory, down.name, '--yes'],
    ]);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /cannot lead: it does not answer a linearizable read/);
    await said(down, 'systemctl start etcd');
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial(
  'member remove-stranger: one leaves without a failed write, and nothing else changes',
  async (t) => {
    const members = (await named(3)).members.slice(1);
    const two = await describeCluster(lab.current, { file: 'two', change: { members } });
    const cluster = { ...two, members };
    const stranger = host(3);
    const conf = () => said(host(1), 'cat /etc/etcd/etcd.conf');
    const before = await conf();
    const observer = observe(endpoints(cluster));
    const words = ['member', 'remove-stranger', cluster.inventory];
    const own = await lab.current.provision([...words, members[0]?.name ?? '', '--yes']);
    t.is(own.exitCode, 3, own.stdout + own.stderr);
    const unasked = await lab.current.provision([...words, stranger.name]);
    t.is(unasked.exitCode, 3, unasked.stdout + unasked.stderr);
    const removed = await lab.current.provision([...words, stranger.name, '--yes']);
    t.is(removed.exitCode, 0, removed.stdout + removed.stderr);
    t.regex(removed.stdout, /is removed; 2 of 2 must answer, 2 do/);
    t.deepEqual(await membersOf(cluster), { voters: namesOf(cluster), learners: [] });
    t.is(
      await said(
        stranger,
        'systemctl is-active etcd; ls -d /var/lib/etcd 2>/dev/null || echo moved',
      ),
      'inactive\nmoved',
    );
    t.is(await conf(), before);
    const again = await lab.current.provision([...words, stranger.name, '--yes']);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.regex(again.stdout, /nothing to do/);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);
