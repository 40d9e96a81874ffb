import test, { type ExecutionContext } from 'ava';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { kvClient } from '../observer/kv-client.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { said } from '../observer/seen.ts';
import { afterPlan } from './after-plan.ts';
import { extent } from './extent.ts';
import { CA, HANGS } from './hangs.ts';

const lab = useLab({ count: 3 });
const LAST_YEAR = new Date(Date.now() - 400 * 86_400_000);
const VALUE = 'must survive every failed start';

async function established(t: ExecutionContext): Promise<Cluster> {
  const cluster = await describeCluster(lab.current);
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  return cluster;
}

test.serial('a cluster with a CA of last year', async (t) => {
  const cluster = await describeCluster(lab.current);
  await createCa(cluster.store, CA, LAST_YEAR);
  await established(t);
  t.deepEqual(await agreedValue(cluster, VALUE), [VALUE, VALUE, VALUE]);
});

for (const { title, sabotage, repair, cause, line, next } of extent(HANGS, 4))
  test.serial(`up tells of ${title}`, async (t) => {
    const cluster = await describeCluster(lab.current);
    const [, second] = lab.current.hosts;
    if (second === undefined) return t.fail();
    await Promise.all(lab.current.hosts.map((host) => doInside(host, sh`systemctl stop etcd`)));
    // Before it plans, up would refuse most of it.
    const failed = await afterPlan(
      lab.current,
      'before-up',
      ['up', cluster.inventory, '--yes', '--timeout', '10'],
      () => sabotage(second, cluster),
    );
    await repair(second);
    t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
    const named = (text: string) =>
      text
        .replaceAll('HOST', second.name)
        .replaceAll('ADDRESS', second.address)
        .replaceAll('INVENTORY', cluster.inventory);
    const told = failed.stderr.split('\n');
    const row = told.findIndex(
      (one) => /^ {2}\S+: /.test(one) && one.includes(named(`: ${cause}`)),
    );
    t.not(row, -1, failed.stderr);
    const below = told.slice(row + 1);
    const end = below.findIndex((one) => !one.startsWith('      | '));
    t.true(
      below.slice(0, end).some((one) => line.test(one)),
      failed.stderr,
    );
    t.is(below[end], `    next: ${named(next)}`);
    t.regex(failed.stderr, new RegExp(`^ {2}${second.name}: etcd\\.service `, 'm'));
    t.notRegex(failed.stderr, /^\s+at /m);

    await established(t);
    await nothingWrong(t, () => lab.current.provision(['doctor', cluster.inventory]));
    const clients = endpoints(cluster).map(kvClient);
    const read = await Promise.all(
      clients.map((client) => client.range('proof/value', '', 1, 5_000)),
    );
    for (const client of clients) client.close();
    t.deepEqual(
      read.flat().map(({ value }) => value),
      [VALUE, VALUE, VALUE],
    );
    t.is(await said(second, 'ls -d /var/lib/etcd*'), '/var/lib/etcd');
  });

test.serial('up waits for a stop that is under way, and starts the member again', async (t) => {
  const cluster = await established(t);
  const [, second] = lab.current.hosts;
  if (second === undefined) return t.fail();
  await doInside(
    second,
    sh`slow=/run/systemd/system/etcd.service.d/slow.conf
mkdir -p "\${slow%/*}"
printf '[Service]\nExecStop=/bin/sleep 4\n' > "$slow"
systemctl daemon-reload
systemctl stop --no-block etcd
rm -r "\${slow%/*}"
systemctl daemon-reload`,
  );
  t.is(await said(second, 'systemctl is-active etcd'), 'deactivating');
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.is(await said(second, 'systemctl is-active etcd'), 'active');
  await nothingWrong(t, () => lab.current.provision(['doctor', cluster.inventory]));
});
