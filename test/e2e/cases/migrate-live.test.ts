import test from 'ava';
import { useLab } from '../lab/lab.ts';
import { identity, ok, STAGE_PORT, to, unharmed } from '../lab/migration.ts';
import { protocolCluster } from '../lab/protocol-cluster.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 5 });

const CASES = extent(
  [
    { etcd: '3.5.30', count: 3 },
    { etcd: '3.3.25', count: 5 },
    { etcd: '3.4.23', count: 3 },
    { etcd: '3.5.16', count: 3 },
    { etcd: '3.6.14', count: 3 },
    { etcd: '3.7.1', count: 3 },
    { etcd: '3.3.25', count: 3 },
    { etcd: '3.4.23', count: 5 },
    { etcd: '3.5.16', count: 5 },
    { etcd: '3.5.30', count: 5 },
    { etcd: '3.6.14', count: 5 },
    { etcd: '3.7.1', count: 5 },
  ],
  2,
);

for (const { etcd, count } of CASES) {
  test.serial(
    `migrate --via live: ${count} members of etcd ${etcd} to https and back, no write fails, no event is missed, ids stay`,
    async (t) => {
      t.timeout(900_000, 'etcd may have to be compiled');
      const { provision } = lab.current;
      const cluster = await protocolCluster(lab.current, { etcd, count });
      const { http, https } = cluster.inventory;
      t.teardown(cluster.purge);
      ok(t, await provision(['up', http, '--yes']));
      const before = await identity(cluster.endpoints('http'));

      const since = Date.now();
      const overHttp = observe(cluster.endpoints('http'));
      ok(t, await provision(['migrate', https, ...to('https')]));
      unharmed(t, await overHttp.stop());
      for (const endpoint of cluster.endpoints('https', STAGE_PORT))
        t.is(await refusal(endpoint), undefined);

      const overHttps = observe([
        ...cluster.endpoints('https'),
        ...cluster.endpoints('https', STAGE_PORT),
      ]);
      ok(t, await provision(['migrate', https, ...to('https'), '--finish']));
      for (const endpoint of cluster.endpoints('http')) t.not(await refusal(endpoint), undefined);
      const second = await provision(['up', https, '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });
      t.deepEqual(await identity(cluster.endpoints('https')), before);

      ok(t, await provision(['migrate', http, ...to('http')]));
      unharmed(t, await overHttps.stop());
      const again = observe([
        ...cluster.endpoints('http'),
        ...cluster.endpoints('http', STAGE_PORT),
      ]);
      ok(t, await provision(['migrate', http, ...to('http'), '--finish']));
      unharmed(t, await again.stop());
      for (const endpoint of cluster.endpoints('https')) t.not(await refusal(endpoint), undefined);
      t.deepEqual(await identity(cluster.endpoints('http')), before);
      await oneAtATime(t, lab.current.hosts.slice(0, count), since, 4 * count);
    },
  );
}
