import test, { type ExecutionContext } from 'ava';
import { dropNothing, dropPort } from '../../src/lab/faults.ts';
import type { Outcome } from '../../src/lab/local-command.ts';
import { extent } from './extent.ts';
import { useLab } from './lab.ts';
import type { Observation } from './observation.ts';
import { observe } from './observer.ts';
import { refusal, unitRun } from './probe.ts';
import { type ProtocolCluster, protocolCluster } from './protocol-cluster.ts';

const lab = useLab({ count: 3 });

/** Etcd shares one client port between http and https safely from 3.5.8 on; before, https gets a port of its own. */
const VERSIONS = extent(
  [
    { etcd: '3.3.25', windowPort: 2378 },
    { etcd: '3.5.30', windowPort: 2379 },
    { etcd: '3.4.23', windowPort: 2378 },
    { etcd: '3.5.16', windowPort: 2379 },
  ],
  2,
);

for (const { etcd, windowPort } of VERSIONS) {
  test.serial(
    `migrate --via live: etcd ${etcd} to https and back, no write fails, ids stay`,
    async (t) => {
      t.timeout(600_000);
      const { provision } = lab.current;
      const cluster = await protocolCluster(lab.current, { etcd });
      const { http, https } = cluster.inventory;
      t.teardown(cluster.purge);
      ok(t, await provision(['up', http, '--yes']));
      const before = await identity(cluster, http);

      const overHttp = observe(cluster.endpoints('http'));
      ok(t, await provision(['migrate', https, '--to', 'https', '--yes']));
      unharmed(t, await overHttp.stop());
      t.is(await refusal(cluster.endpoints('https', windowPort)[0] ?? { url: '' }), undefined);

      const overHttps = observe([
        ...cluster.endpoints('https', 2379),
        ...extra(cluster, windowPort),
      ]);
      ok(t, await provision(['migrate', https, '--to', 'https', '--finish', '--yes']));
      t.not(await refusal(cluster.endpoints('http')[0] ?? { url: '' }), undefined);
      const second = await provision(['up', https, '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });
      t.deepEqual(await identity(cluster, https), before);

      ok(t, await provision(['migrate', http, '--to', 'http', '--accept-plaintext', '--yes']));
      unharmed(t, await overHttps.stop());
      ok(
        t,
        await provision([
          'migrate',
          http,
          '--to',
          'http',
          '--accept-plaintext',
          '--finish',
          '--yes',
        ]),
      );
      t.not(await refusal(cluster.endpoints('https')[0] ?? { url: '' }), undefined);
      t.deepEqual(await identity(cluster, http), before);
    },
  );
}

test.serial(
  'migrate --via live: killed at any wave and run again it finishes; the opposite target takes it back',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
    const { http, https } = cluster.inventory;
    t.teardown(cluster.purge);
    ok(t, await provision(['up', http, '--yes']));
    const before = await identity(cluster, http);
    const observer = observe(cluster.endpoints('http'));

    for (const seconds of [2, 4, 6, 8, 10, 12]) {
      // `run` kills what has not ended by its deadline, as the kernel would.
      await provision(['migrate', https, '--to', 'https', '--yes'], { deadline: seconds }).catch(
        () => undefined,
      );
    }
    ok(
      t,
      await provision(['migrate', http, '--to', 'http', '--accept-plaintext', '--finish', '--yes']),
    );
    unharmed(t, await observer.stop());
    t.deepEqual(await identity(cluster, http), before);

    const runs = await Promise.all(hosts.map((host) => unitRun(host)));
    t.like(JSON.parse((await provision(['up', http, '--yes', '--json'])).stdout), {
      changed: false,
    });
    t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), runs);
  },
);

test.serial(
  'migrate --via live: a member whose peer port is blocked is put back, and the cluster stays whole',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
    const { http, https } = cluster.inventory;
    t.teardown(cluster.purge);
    ok(t, await provision(['up', http, '--yes']));
    const [, second] = hosts;
    if (second === undefined) throw new Error('a lab of three has a second host');

    const observer = observe(cluster.endpoints('http'));
    await dropPort(second, 2380);
    const failed = await provision(['migrate', https, '--to', 'https', '--yes', '--timeout', '8']);
    t.not(failed.exitCode, 0);
    t.regex(failed.stderr, new RegExp(second.name));
    t.notRegex(failed.stderr, /\n\s+at /);
    await dropNothing(second);

    ok(t, await provision(['migrate', https, '--to', 'https', '--yes']));
    const seen = await observer.stop();
    t.deepEqual(seen.lost, []);
    t.deepEqual(seen.staleReads, []);
  },
);

test.serial(
  'up: refuses a change of protocol, names three roads and touches nothing',
  async (t) => {
    t.timeout(300_000);
    const { provision, hosts } = lab.current;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
    const { http, https } = cluster.inventory;
    t.teardown(cluster.purge);
    ok(t, await provision(['up', http, '--yes']));
    const runs = await Promise.all(hosts.map((host) => unitRun(host)));

    const refused = await provision(['up', https, '--yes']);
    t.is(refused.exitCode, 3);
    for (const road of ['live', 'snapshot', 'wipe'])
      t.true(refused.stderr.includes(`--via ${road}`));
    t.is((await provision(['migrate', http, '--to', 'http', '--yes'])).exitCode, 3);
    t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), runs);
  },
);

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, `${stdout.slice(-2000)}\n${stderr}`);
}

/** Clients lost nothing, saw nothing stale, and every write was taken. */
function unharmed(t: ExecutionContext, seen: Observation): void {
  const { acknowledged, lost, failedWrites, staleReads, longestStall, ownDelay } = seen;
  const { missedEvents, disorderedEvents } = seen;
  t.log(
    `${acknowledged} writes, longest stall ${longestStall.milliseconds} ms (own delay ${ownDelay} ms)`,
  );
  t.true(acknowledged > 50);
  t.deepEqual(
    { lost, failedWrites, staleReads, missedEvents, disorderedEvents },
    { lost: [], failedWrites: [], staleReads: [], missedEvents: [], disorderedEvents: [] },
  );
}

/** During the window clients of older versions know the second port too. */
function extra(cluster: ProtocolCluster, port: number) {
  return port === 2379 ? [] : cluster.endpoints('https', port);
}

/** Cluster id and member ids, as etcd itself says them. */
async function identity(cluster: ProtocolCluster, inventory: string): Promise<unknown> {
  const { stdout } = await lab.current.provision(['status', inventory, '--json']);
  const { members } = JSON.parse(stdout);
  return { cluster: cluster.name, ids: members.map(({ id }: { id: string }) => id) };
}
