import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { cutPower, dropNothing, dropPort, restorePower } from '../../../src/lab/faults.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { alarms, COMPARING, corruptValue, raisedAlarms } from '../lab/corruption.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { membersOf } from '../lab/member-list.ts';
import { startOperator } from '../lab/operator.ts';
import { memberIds, setAlarm } from '../observer/contents.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

// One cluster of three; the fourth host takes the place of one of them.
const lab = useLab({ count: 4 });

const host = (at: number) => hostAt(lab.current, at);

const former = (): Promise<Cluster> => describeCluster(lab.current, { members: 3 });

/** Writes through the members beside the third. */
const watch = (cluster: Cluster) =>
  observe(endpoints({ ...cluster, members: cluster.members.slice(0, 2) }));

const all = ({ members }: Cluster) => ({
  voters: members.map(({ name }) => name).sort(),
  learners: [],
});

test.serial('a cluster of three serves', async (t) => {
  const up = await lab.current.provision(['up', (await former()).inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
});

test.serial('a member whose disk is gone, by two runs of which the first is killed', async (t) => {
  const cluster = await former();
  const third = host(2);
  await said(third, 'systemctl kill -s KILL etcd; systemctl stop etcd; rm -rf /var/lib/etcd');
  const observer = watch(cluster);
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 3, up.stdout + up.stderr);
  t.regex(up.stderr, new RegExp(`member replace \\S+ ${third.name}`));
  const words = ['member', 'replace', cluster.inventory, third.name, '--yes'];
  const killed = await startOperator(words);
  await killed.says(/out of the list \(\d/);
  killed.kill('SIGKILL');
  await killed.ended;
  const again = await lab.current.provision([...words, '--lock-wait', '60']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  t.deepEqual(await membersOf(cluster), all(cluster));
  const well = await lab.current.provision(words);
  t.is(well.exitCode, 0, well.stdout + well.stderr);
  t.regex(well.stdout, /nothing is to be replaced/);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('a member that answers, whose former data is kept beside', async (t) => {
  const cluster = await former();
  const third = host(2);
  const observer = watch(cluster);
  const replaced = await lab.current.provision([
    ...['member', 'replace', cluster.inventory, third.name, '--yes', '--force'],
  ]);
  t.is(replaced.exitCode, 0, replaced.stdout + replaced.stderr);
  t.deepEqual(await membersOf(cluster), all(cluster));
  t.is(await said(third, 'ls -d /var/lib/etcd.aside-*/member | wc -l'), '1');
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('a member that others could not reach stays', async (t) => {
  const cluster = await former();
  const third = host(2);
  await dropPort(third, 2380);
  const refused = await lab.current.provision([
    ...['member', 'replace', cluster.inventory, third.name, '--yes', '--force'],
  ]);
  await dropNothing(third);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  t.regex(refused.stderr, new RegExp(`does not reach ${third.name} at`));
  t.deepEqual(await membersOf(cluster), all(cluster));
});

test.serial('a member that etcd calls corrupt, by the printed command', async (t) => {
  const cluster = await former();
  const third = host(2);
  const value = 'sound-before-it-was-damaged';
  await agreedValue(cluster, value);
  await corruptValue(third, value);
  const [first, , own] = endpoints(cluster);
  if (first === undefined || own === undefined) throw new Error('three members');
  const observer = watch(cluster);
  await setAlarm(first, (await memberIds(own)).own, 'CORRUPT', true);
  const printed = new RegExp(
    `provision member replace ${cluster.inventory} ${third.name}(;|$)`,
    'm',
  );
  const refused = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  t.regex(refused.stderr, printed);
  for (const command of ['doctor', 'status'])
    t.regex((await lab.current.provision([command, cluster.inventory])).stdout, printed);
  const replaced = await lab.current.provision([
    ...['member', 'replace', cluster.inventory, third.name, '--yes'],
  ]);
  t.is(replaced.exitCode, 0, replaced.stdout + replaced.stderr);
  t.deepEqual(await alarms(cluster), []);
  t.deepEqual(await membersOf(cluster), all(cluster));
  const kept = 'LC_ALL=C grep -al Xound-before /var/lib/etcd.aside-*/member/snap/db | wc -l';
  t.is(await said(third, kept), '1');
  t.deepEqual(await agreedValue(cluster, 'after'), ['after', 'after', 'after']);
  // While an alarm stands etcd takes no write; what it took is there.
  t.deepEqual((await observer.stop()).lost, []);
});

test.serial(
  'the one that differs, where etcd names none, by a run that is killed and again',
  async (t) => {
    const cluster = await describeCluster(lab.current, {
      ...{ members: 3, file: 'comparing', etcd: { settings: COMPARING } },
    });
    const [second, third] = [host(1), host(2)];
    const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    const observer = watch(cluster);
    const value = 'sound-before-another-was-damaged';
    await agreedValue(cluster, value);
    await corruptValue(third, value);
    t.deepEqual(await raisedAlarms(cluster), ['alarm:CORRUPT ']);
    const refused = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /compares what members hold, and says which one differs/);
    const doctor = await lab.current.provision(['doctor', cluster.inventory]);
    t.regex(
      doctor.stdout,
      new RegExp(`provision member replace ${cluster.inventory} ${third.name} --force`),
    );
    // A sound one: those that would be left differ.
    const replace = ['member', 'replace', cluster.inventory];
    const wrong = await lab.current.provision([...replace, second.name, '--force', '--yes']);
    t.is(wrong.exitCode, 3, wrong.stdout + wrong.stderr);
    t.regex(wrong.stderr, /the members hold different data at revision/);

    const words = [...replace, third.name, '--force', '--yes'];
    const killed = await startOperator(words);
    await killed.says(/out of the list \(\d/);
    killed.kill('SIGKILL');
    await killed.ended;
    const again = await lab.current.provision([...words, '--lock-wait', '60']);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.deepEqual(await alarms(cluster), []);
    t.deepEqual(await membersOf(cluster), all(cluster));
    t.deepEqual(await agreedValue(cluster, 'after'), ['after', 'after', 'after']);
    const nothing = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
    t.is(nothing.exitCode, 0, nothing.stdout);
    t.deepEqual((await observer.stop()).lost, []);
  },
);

test.serial('the alarm of a corrupt member that was removed by hand is ended by up', async (t) => {
  const cluster = await former();
  const [first] = endpoints(cluster);
  if (first === undefined) throw new Error('three members');
  await setAlarm(first, '00000000000000aa', 'CORRUPT', true);
  const rotate = await lab.current.provision(['certs', 'rotate', cluster.inventory, '--yes']);
  t.is(rotate.exitCode, 3, rotate.stdout + rotate.stderr);
  t.regex(rotate.stderr, /the corruption alarm of a member that has left still stands/);
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.deepEqual(await alarms(cluster), []);
});

test.serial('a member whose machine is gone, by another machine', async (t) => {
  const [third, fourth] = [host(2), host(3)];
  const members = (await former()).members.map((member) =>
    member.name === third.name ? { ...member, address: fourth.address } : member,
  );
  const moved = await describeCluster(lab.current, { file: 'moved', change: { members } });
  const cluster = { ...moved, members };
  await cutPower(third);
  const observer = watch(cluster);
  const words = ['member', 'replace', cluster.inventory, third.name, '--yes'];
  const killed = await startOperator(words);
  await killed.says(/out of the list \(\d/);
  killed.kill('SIGKILL');
  await killed.ended;
  const replaced = await lab.current.provision([...words, '--lock-wait', '60']);
  t.is(replaced.exitCode, 0, replaced.stdout + replaced.stderr);
  t.regex(replaced.stderr, new RegExp(`^note: ${third.name} is out of the cluster; its host`, 'm'));
  await restorePower(third);
  await sleep(5_000);
  t.deepEqual(await membersOf(cluster), all(cluster));
  const again = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout);
  const named = await said(host(0), `grep -c ${third.address}: /etc/etcd/etcd.conf || true`);
  t.is(named, '0');
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});
