import test, { type ExecutionContext } from 'ava';
import { inside } from '../../src/lab/host.ts';
import type { Outcome } from '../../src/lab/local-command.ts';
import { sh } from '../../src/shell/command.ts';
import { useLab } from './lab.ts';
import { observe } from './observer.ts';
import { refusal, unitRun } from './probe.ts';
import { protocolCluster } from './protocol-cluster.ts';

const lab = useLab({ count: 3 });

test.serial(
  'migrate --via snapshot: nothing acknowledged is lost, a rerun has nothing to do',
  async (t) => {
    t.timeout(600_000);
    const { provision, hosts } = lab.current;
    const cluster = await protocolCluster(lab.current, { etcd: '3.5.30' });
    const { http, https } = cluster.inventory;
    t.teardown(cluster.purge);
    ok(t, await provision(['up', http, '--yes']));

    const observer = observe(cluster.endpoints('http'));
    const switched = await provision([
      'migrate',
      https,
      '--to',
      'https',
      '--via',
      'snapshot',
      '--yes',
    ]);
    ok(t, switched);
    t.log(/clients were cut off for .*/.exec(switched.stdout)?.[0]);
    observer.use(cluster.endpoints('https'));
    const seen = await observer.stop();
    t.true(seen.acknowledged > 20);
    t.deepEqual({ lost: seen.lost, stale: seen.staleReads }, { lost: [], stale: [] });
    t.not(await refusal(cluster.endpoints('http')[0] ?? { url: '' }), undefined);

    const runs = await Promise.all(hosts.map((host) => unitRun(host)));
    t.like(JSON.parse((await provision(['up', https, '--yes', '--json'])).stdout), {
      changed: false,
    });
    ok(t, await provision(['migrate', https, '--to', 'https', '--via', 'snapshot', '--yes']));
    t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), runs);
  },
);

test.serial(
  'migrate --via snapshot: what fails on one host leaves the former cluster serving; a rerun finishes',
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
    await inside(second, sh`touch /var/lib/etcd.restoring`);
    const failed = await provision([
      'migrate',
      https,
      '--to',
      'https',
      '--via',
      'snapshot',
      '--yes',
    ]);
    t.not(failed.exitCode, 0);
    t.true(failed.stderr.includes(second.name));
    t.true(failed.stderr.includes('the former cluster serves its clients again'));
    t.notRegex(failed.stderr, /\n\s+at /);
    for (const endpoint of cluster.endpoints('http')) t.is(await refusal(endpoint), undefined);

    await inside(second, sh`rm -f /var/lib/etcd.restoring`);
    ok(t, await provision(['migrate', https, '--to', 'https', '--via', 'snapshot', '--yes']));
    observer.use(cluster.endpoints('https'));
    const seen = await observer.stop();
    t.deepEqual({ lost: seen.lost, stale: seen.staleReads }, { lost: [], stale: [] });
  },
);

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, `${stdout.slice(-2000)}\n${stderr}`);
}
