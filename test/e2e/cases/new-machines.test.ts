import test from 'ava';
import { dropNothing, dropPort } from '../../../src/lab/faults.ts';
import { agreedValue, type Cluster, describeCluster, endpoints, purge } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { membersOf } from '../lab/member-list.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

const lab = useLab({ count: 6 });

const host = (at: number) => hostAt(lab.current, at);

/** One inventory file that names three of the six, as an operator edits it. */
async function naming(first: number, protocol: Cluster['protocol']): Promise<Cluster> {
  const members = [0, 1, 2].map((at) => {
    const { name, address } = host(first + at);
    return { name, address };
  });
  const { current } = lab;
  const cluster = await describeCluster(current, { name: protocol, protocol, change: { members } });
  return { ...cluster, members };
}

const namesOf = ({ members }: Cluster) => members.map(({ name }) => name).sort();

const removing = (cluster: Cluster) => ['--remove', namesOf(cluster).join(',')];

/** The data directories of a cluster's hosts. */
const dataOf = async ({ members }: Cluster) =>
  Promise.all(
    lab.current.hosts
      .filter(({ name }) => members.some((one) => one.name === name))
      .map((one) => said(one, 'ls -d /var/lib/etcd 2>/dev/null || echo none')),
  );

/** What there is where none has been begun. */
const NO_CLUSTER = ['none', 'none', 'none'];

test.serial('without certificates, by what was done with the same inventory', async (t) => {
  const state = await stateDirectory();
  const start = (words: readonly string[]) => startOperator(words, { state });
  const former = await naming(0, 'http');
  const made = await (await start(['up', former.inventory, '--yes'])).ended;
  t.is(made.exitCode, 0, made.stderr);
  await agreedValue(former, 'kept');
  const observer = observe(endpoints(former));
  const cluster = await naming(3, 'http');
  const refused = await (await start(['up', cluster.inventory, '--yes'])).ended;
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  const operator = await start(['up', cluster.inventory, '--yes', ...removing(former)]);
  await operator.says(/give it a vote once it has caught up, through \S+ \(\d/);
  observer.use(endpoints(cluster).slice(0, 1));
  const { exitCode } = await operator.ended;
  t.is(exitCode, 0, operator.said());
  t.deepEqual(await membersOf(cluster), { voters: namesOf(cluster), learners: [] });
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  // The next test begins with hosts that have nothing.
  await purge(await describeCluster(lab.current, { name: 'http', protocol: 'http' }), 'http');
});

test.serial('a cluster is not begun beside the one whose machines are left out', async (t) => {
  const former = await naming(0, 'https');
  t.is((await lab.current.provision(['up', former.inventory, '--yes'])).exitCode, 0);
  const cluster = await naming(3, 'https');
  const refused = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  const [, told = ''] = / --remove (\S+);/.exec(refused.stderr) ?? [];
  t.deepEqual(told.split(',').sort(), [...namesOf(former)].sort(), refused.stderr);
  t.deepEqual(await dataOf(cluster), NO_CLUSTER);
});

test.serial('a cluster is not begun while those machines cannot be asked', async (t) => {
  const former = await naming(0, 'https');
  const hosts = lab.current.hosts.slice(0, 3);
  const cluster = await naming(3, 'https');
  for (const one of hosts) await dropPort(one, 22);
  const refused = await lab.current.provision(['up', cluster.inventory, '--yes']);
  for (const one of hosts) await dropNothing(one);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  t.true(refused.stderr.includes(former.store), refused.stderr);
  t.deepEqual(await dataOf(cluster), NO_CLUSTER);
});

test.serial(
  'a cluster is not begun under the names of its members, or as another unit',
  async (t) => {
    const former = await naming(0, 'https');
    const cluster = await naming(3, 'https');
    const members = cluster.members.map(({ address }, at) => ({ name: host(at).name, address }));
    for (const wish of [
      { change: { members } },
      { etcd: { unit: 'etcd-other' }, change: { members: cluster.members } },
    ]) {
      const { inventory } = await describeCluster(lab.current, { name: 'https', ...wish });
      const refused = await lab.current.provision(['up', inventory, '--yes']);
      t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
      t.regex(refused.stderr, new RegExp(`${former.members[0]?.name} runs at `));
      t.deepEqual(await dataOf(cluster), NO_CLUSTER);
    }
  },
);

test.serial(
  'a cluster moves to other machines, by three runs of which two are killed',
  async (t) => {
    const former = await naming(0, 'https');
    await agreedValue(former, 'kept');
    const since = Date.now();
    const observer = observe(endpoints(former));
    const cluster = await naming(3, 'https');
    const words = ['up', cluster.inventory, '--yes', ...removing(former), '--lock-wait', '60'];
    const added = await startOperator(words);
    await added.says(/to the list of members as a learner, through \S+ \(\d/);
    added.kill('SIGKILL');
    await added.ended;
    const removed = await startOperator(words);
    await removed.says(/give it a vote once it has caught up, through \S+ \(\d/);
    observer.use(endpoints(cluster).slice(0, 1));
    await removed.says(/move its data aside, if that host can be reached \(\d/);
    removed.kill('SIGKILL');
    await removed.ended;
    const up = await lab.current.provision(words);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    t.deepEqual(await membersOf(cluster), { voters: namesOf(cluster), learners: [] });
    t.deepEqual(await dataOf(former), NO_CLUSTER);
    const again = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
    t.is(again.exitCode, 0, again.stdout);
    for (const at of [3, 4, 5])
      t.is(
        await said(host(at), "grep -c '198[.]18[.][0-9]*[.]1[123]:' /etc/etcd/etcd.conf || true"),
        '0',
      );
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
    // Each begins as a learner, alone; those that left do not count.
    await oneAtATime(t, lab.current.hosts.slice(3), since);
  },
);
