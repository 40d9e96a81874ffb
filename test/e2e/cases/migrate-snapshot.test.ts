import test, { type ExecutionContext } from 'ava';
import { cutPower, restorePower } from '../../../src/lab/faults.ts';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { bothWays, failed, ok, to, whole } from '../lab/migration.ts';
import { startOperator } from '../lab/operator.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { unitRun } from '../observer/seen.ts';
import { everything, extent } from './extent.ts';

const lab = useLab({ count: 3 });
const VIA = ['--via', 'snapshot'];

async function overHttp(t: ExecutionContext, etcd = '3.5.30'): Promise<ProtocolCluster> {
  const cluster = await protocolCluster(lab.current, { etcd });
  t.teardown(cluster.purge);
  ok(t, await lab.current.provision(['up', cluster.inventory.http, '--yes']));
  return cluster;
}

for (const etcd of extent(['3.5.30', '3.3.25', '3.4.23', '3.5.16', '3.6.14', '3.7.1'], 1)) {
  // The restored history has the revisions of the former cluster, so a watcher goes on in it as if nothing had been.
  test.serial(
    `migrate --via snapshot: etcd ${etcd} to https and back, nothing acknowledged is lost, the history goes on, a rerun has nothing to do`,
    async (t) => {
      t.timeout(900_000, 'etcd may have to be compiled');
      const { provision, hosts } = lab.current;
      const cluster = await overHttp(t, etcd);
      const { http, https } = cluster.inventory;
      const observer = observe(bothWays(cluster));
      const there = await provision(['migrate', https, ...to('https'), ...VIA]);
      ok(t, there);
      for (const endpoint of cluster.endpoints('http')) t.not(await refusal(endpoint), undefined);

      const runs = await Promise.all(hosts.map((host) => unitRun(host)));
      const second = await provision(['up', https, '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });
      ok(t, await provision(['migrate', https, ...to('https'), ...VIA]));
      t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), runs);

      const back = await provision(['migrate', http, ...to('http'), ...VIA]);
      ok(t, back);
      for (const endpoint of cluster.endpoints('https')) t.not(await refusal(endpoint), undefined);
      const seen = await observer.stop();
      const told = [there, back].map(({ stdout }) => /cut off for [\d.]+ s/.exec(stdout)?.[0]);
      t.log(`told: ${told.join(', ')}`);
      whole(t, seen);
    },
  );
}

test.serial(
  'migrate --via snapshot: what fails on one host leaves the former cluster serving; a rerun finishes',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await overHttp(t);
    const { https } = cluster.inventory;
    const [, second] = hosts;
    if (second === undefined) throw new Error('a lab of three has a second host');

    const observer = observe(bothWays(cluster));
    await inside(second, sh`touch /var/lib/etcd.restoring`);
    failed(
      t,
      await provision(['migrate', https, ...to('https'), ...VIA]),
      1,
      ...[second.name, 'the former cluster serves its clients again'],
    );
    for (const endpoint of cluster.endpoints('http')) t.is(await refusal(endpoint), undefined);

    await inside(second, sh`rm -f /var/lib/etcd.restoring`);
    ok(t, await provision(['migrate', https, ...to('https'), ...VIA]));
    whole(t, await observer.stop());
  },
);

/** Steps after which a run is killed or a host dies, each deeper in than the one before. */
const MOMENTS = extent(
  [
    /move what is in \/var\/lib\/etcd to \S+, and the restored data there \(\d/,
    /restore it in \S+ \(\d/,
    /: restart etcd\.service \(\d/,
    /stop etcd\.service \(\d/,
    /: start etcd\.service \(\d/,
    /compare revision and keys with the snapshot \(\d/,
  ],
  2,
);

test.serial(
  'migrate --via snapshot: killed at any step it is finished by the same command, and nothing acknowledged is lost',
  async (t) => {
    t.timeout(1_800_000);
    const { provision } = lab.current;
    const cluster = await overHttp(t);
    const observer = observe(bothWays(cluster));
    for (const [turn, moment] of MOMENTS.entries()) {
      const target = turn % 2 === 0 ? 'https' : 'http';
      const inventory = cluster.inventory[target];
      const operator = await startOperator(['migrate', inventory, ...to(target), ...VIA]);
      operator.process.stdout?.on('data', () => {
        if (moment.test(operator.said())) operator.kill('SIGKILL');
      });
      const { signal } = await operator.ended;
      t.is(signal, 'SIGKILL', `it never came to ${moment}`);
      ok(t, await provision(['migrate', inventory, ...to(target), ...VIA]));
      for (const endpoint of cluster.endpoints(target)) t.is(await refusal(endpoint), undefined);
    }
    whole(t, await observer.stop());
  },
);

for (const moment of MOMENTS.slice(0, everything ? 4 : 1)) {
  test.serial(
    `migrate --via snapshot: a host that dies at ${moment.source} leaves the old or the new cluster, and a rerun finishes`,
    async (t) => {
      t.timeout(900_000);
      const { provision, hosts } = lab.current;
      const cluster = await overHttp(t);
      const { https } = cluster.inventory;
      const [, second] = hosts;
      if (second === undefined) throw new Error('a lab of three has a second host');
      const observer = observe(bothWays(cluster));
      const operator = await startOperator([
        ...['migrate', https, ...to('https'), ...VIA, '--timeout', '20'],
      ]);
      await operator.says(moment);
      await cutPower(second);
      const ended = await operator.ended;
      t.not(ended.exitCode, 0);
      t.true(ended.stderr.includes(second.name), ended.stderr);
      t.notRegex(ended.stderr, /\n\s+at /);

      await restorePower(second);
      ok(t, await provision(['migrate', https, ...to('https'), ...VIA]));
      for (const endpoint of cluster.endpoints('https')) t.is(await refusal(endpoint), undefined);
      whole(t, await observer.stop());
    },
  );
}
