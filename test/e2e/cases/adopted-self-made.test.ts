import test from 'ava';
import { adopted } from '../foreign/adopted.ts';
import { asTheyAre, listOf, ofAll, started } from '../foreign/as-they-are.ts';
import { built } from '../foreign/built.ts';
import { yaml } from '../foreign/layouts/yaml.ts';
import { onHost } from '../foreign/on-host.ts';
import { kvClient } from '../observer/kv-client.ts';

// Peers with certificates that etcd has made itself cannot go one by one.

test('up: leaves peers with certificates of their own making as they are, and takes them over once all are stopped', async (t) => {
  t.timeout(600_000);
  const place = await built(t, yaml);
  const [cluster] = place.clusters;
  if (cluster === undefined) throw new TypeError('a cluster');
  const { lab } = place;
  const client = kvClient(cluster.clients[0] ?? { url: '' });
  t.teardown(() => client.close());
  await client.put('before', 'all', 5000);
  const inventory = await adopted(t, place, cluster);
  const [before, starts, list] = [
    await ofAll(cluster, asTheyAre),
    await ofAll(cluster, started),
    await listOf(cluster),
  ];
  const refused = await lab.provision(['up', inventory, '--yes']);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  t.regex(refused.stderr, /m1, m2, m3: show other members certificates that etcd has made itself/);
  t.deepEqual(await ofAll(cluster, asTheyAre), before);
  t.deepEqual(await ofAll(cluster, started), starts);

  // As the refusal says.
  await Promise.all(cluster.members.map(({ host }) => onHost(host, 'systemctl stop etcd')));
  const up = await lab.provision(['up', inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const plan = await lab.provision(['plan', inventory, '--exit-code']);
  t.is(plan.exitCode, 0, plan.stdout + plan.stderr);
  t.deepEqual(await listOf(cluster), list);
  const get = ['get', 'before', '--print-value-only'];
  const kept = await lab.provision(['etcdctl', inventory, '--', ...get]);
  t.is(kept.stdout.trim(), 'all', kept.stderr);
});
