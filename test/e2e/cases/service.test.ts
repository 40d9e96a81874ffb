import test from 'ava';
import { labDown } from '../../../src/lab/down.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { startLab, useLab } from '../lab/lab.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

const choosing = (service: Readonly<Record<string, unknown>>): Promise<Cluster> =>
  describeCluster(lab.current, { etcd: { service } });

const shown = (hosts: readonly LabHost[], ...properties: readonly string[]) =>
  Promise.all(
    hosts.map((one) =>
      said(one, `systemctl show etcd --property=${properties.join(',')} | sort | tr '\\n' ' '`),
    ),
  );

const starts = (hosts: readonly LabHost[]) => shown(hosts, 'InvocationID');

test.serial(
  'up: resources of the unit under a writer, with a restart where one is needed',
  async (t) => {
    t.timeout(600_000);
    const { hosts, provision } = lab.current;
    const first = await choosing({});
    t.is((await provision(['up', first.inventory, '--yes'])).exitCode, 0);
    const observer = observe(endpoints(first));

    const begun = await starts(hosts);
    const limits = await choosing({ MemoryMax: '3G', TasksMax: 2000, TimeoutStopSec: '1min' });
    const quiet = await provision(['up', limits.inventory, '--yes']);
    t.is(quiet.exitCode, 0, quiet.stdout + quiet.stderr);
    t.deepEqual(await starts(hosts), begun);
    t.deepEqual(
      new Set(await shown(hosts, 'MemoryMax', 'TasksMax', 'TimeoutStopUSec', 'NeedDaemonReload')),
      new Set(['MemoryMax=3221225472 NeedDaemonReload=no TasksMax=2000 TimeoutStopUSec=1min']),
    );

    const process = await choosing({ MemoryMax: '3G', Nice: -5, Slice: 'database.slice' });
    const rolled = await provision(['up', process.inventory, '--yes']);
    t.is(rolled.exitCode, 0, rolled.stdout + rolled.stderr);
    t.regex(
      rolled.stdout,
      /it runs with Nice unset instead of -5, Slice unset instead of database\.slice/,
    );
    for (const [at, one] of (await starts(hosts)).entries()) t.not(one, begun[at]);
    for (const one of hosts)
      t.is(
        await said(
          one,
          'ps -o ni= -p $(pidof etcd) | tr -d " "; tail -n 1 /proc/$(pidof etcd)/cgroup',
        ),
        '-5\n0::/database.slice/etcd.service',
      );

    const again = await provision(['up', process.inventory, '--yes']);
    t.regex(again.stdout, /nothing to do/, again.stderr);
    await nothingWrong(t, () => provision(['doctor', process.inventory]));
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial('up: a setting of one member restarts that member alone', async (t) => {
  t.timeout(600_000);
  const { hosts, provision } = lab.current;
  const members = (own: Readonly<Record<string, unknown>>) =>
    hosts.map(({ name, address }, at) => ({ name, address, ...(at === 1 && { settings: own }) }));
  const describe = (own: Readonly<Record<string, unknown>>) =>
    describeCluster(lab.current, {
      etcd: { service: { MemoryMax: '3G', Nice: -5, Slice: 'database.slice' } },
      change: { members: members(own) },
    });
  const begun = await starts(hosts);
  const port = 'http://127.0.0.1:12381';
  const changed = await describe({ 'log-level': 'debug', 'listen-metrics-urls': port });
  const observer = observe(endpoints(changed));
  const up = await provision(['up', changed.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const now = await starts(hosts);
  t.deepEqual(
    now.map((one, at) => one === begun[at]),
    [true, false, true],
  );
  const serves = `ss -Hltn 'sport = :12381' | wc -l`;
  t.deepEqual(await Promise.all(hosts.map((one) => said(one, serves))), ['0', '1', '0']);
  const refused = await describe({ 'election-timeout': 5000 });
  const plan = await provision(['plan', refused.inventory]);
  t.is(plan.exitCode, 2, plan.stdout);
  t.regex(plan.stderr, /members\[1\]\.settings\.election-timeout cannot be set for one member/);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial(
  'up: limits of the group restart a member where its systemd applies them at a start only',
  async (t) => {
    t.timeout(900_000, 'a base may have to be built');
    const other = await startLab({ count: 1, debian: 'trixie' }, t.log);
    t.teardown(() => labDown(other.name));
    const describe = (service: Readonly<Record<string, unknown>>) =>
      describeCluster(other, { etcd: { service } });
    const first = await describe({});
    t.is((await other.provision(['up', first.inventory, '--yes'])).exitCode, 0);
    const begun = await starts(other.hosts);
    const limits = await describe({ MemoryMax: '3G' });
    const up = await other.provision(['up', limits.inventory, '--yes', '--allow-downtime']);
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    t.regex(up.stdout, /it runs with MemoryMax unset instead of 3G/);
    t.notDeepEqual(await starts(other.hosts), begun);
  },
);
