import test, { type ExecutionContext } from 'ava';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { membersOf } from '../lab/member-list.ts';
import { filesNaming, giveSecondAddress, secondAddress } from '../lab/second-address.ts';
import { memberIds } from '../observer/contents.ts';
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

/** `up` ends well, and another run has nothing to do. */
async function settles(t: ExecutionContext, { inventory }: Cluster): Promise<void> {
  const up = await lab.current.provision(['up', inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const again = await lab.current.provision(['plan', inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
}

test.serial('a member moves to another address, and nobody else is restarted', async (t) => {
  const [former, moved] = [await placed('former', []), await placed('third', [2])];
  await settles(t, former);
  const before = await ids(former);
  const runs = () => Promise.all([unitRun(host(0)), unitRun(host(1))]);
  const others = await runs();
  await giveSecondAddress(lab.current, host(2));
  const observer = watch(former, 0, 1);
  await settles(t, moved);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  t.deepEqual(await ids(moved), before);
  t.deepEqual(await runs(), others);
  t.deepEqual((await membersOf(moved)).voters, moved.members.map(({ name }) => name).sort());
  for (const at of [0, 1, 2]) t.is(await filesNaming(host(at), `${host(2).address}:`), '');
});
