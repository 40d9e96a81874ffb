import test from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { failed, identity, ok, to } from '../lab/migration.ts';
import { protocolCluster } from '../lab/protocol-cluster.ts';
import { kvClient } from '../observer/kv-client.ts';
import { unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

/** What of the data directories is on a host, and the token of its first start. */
async function place(host: LabHost): Promise<readonly string[]> {
  const { stdout } = await inside(
    host,
    sh`ls -d /var/lib/etcd*/member /var/lib/etcd*/*/member 2>/dev/null; grep ^ETCD_INITIAL_CLUSTER_TOKEN /etc/etcd/etcd.conf`,
  );
  return stdout.trim().split('\n');
}

test.serial(
  'migrate --via wipe and up --wipe: want the phrase, move all data aside before anything starts, and begin with a fresh token',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
    t.teardown(cluster.purge);
    const { http, https } = cluster.inventory;
    ok(t, await provision(['up', http, '--yes']));
    const places = () => Promise.all(hosts.map(place));
    const runs = () => Promise.all(hosts.map((host) => unitRun(host)));
    const tokens = async () => (await places()).map((lines) => lines.at(-1) ?? '');

    const switches = [
      ['migrate', https, ...to('https'), '--via', 'wipe'],
      ['up', https, '--yes', '--wipe'],
    ];
    let endpoints = cluster.endpoints('http');
    for (const [turn, command] of switches.entries()) {
      const [first] = endpoints;
      if (first === undefined) throw new Error('a cluster has a first endpoint');
      const client = kvClient(first);
      await client.put('given', 'up', 5000);
      client.close();
      const before = { ids: await identity(endpoints), tokens: await tokens(), runs: await runs() };

      // Who asks for it in a hurry has not typed the phrase, and the name must be that of this cluster.
      failed(t, await provision(command), 3, `--yes-wipe ${cluster.name}`);
      failed(t, await provision([...command, '--yes-wipe', 'another']), 2, '--yes-wipe another');
      t.deepEqual(await runs(), before.runs);

      const wiped = await provision([...command, '--yes-wipe', cluster.name]);
      ok(t, wiped);
      const told = wiped.stdout.slice(wiped.stdout.lastIndexOf('\nstop '));
      t.true(told.lastIndexOf('aside') < told.indexOf('start etcd.service ('), told);

      endpoints = cluster.endpoints('https');
      const [now] = endpoints;
      if (now === undefined) throw new Error('a cluster has a first endpoint');
      const reader = kvClient(now);
      t.deepEqual(await reader.range('given', '', 1, 5000), []);
      reader.close();
      t.notDeepEqual(await identity(endpoints), before.ids);
      const [token, ...others] = new Set(await tokens());
      t.deepEqual(others, []);
      t.false(before.tokens.includes(token ?? ''));
      for (const lines of await places())
        t.is(lines.filter((line) => line.endsWith('/member')).length, turn + 2, lines.join(' '));
    }
  },
);
