import test, { type ExecutionContext } from 'ava';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import { agreedValue, type Cluster, describeCluster, endpoints, purge } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { releases } from '../lab/releases.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';
import { isAtHand } from './up-version.ts';

// One cluster that climbs from test to test.
const lab = useLab({ count: 3, etcd: '3.3.25' });

async function at(version: string, etcd: Readonly<Record<string, unknown>> = {}): Promise<Cluster> {
  await ensureEtcd(version, () => {});
  return describeCluster(lab.current, { version, etcd, file: `at-${version}` });
}

// What no Debian release has is compiled before, where that can be done.
const hasCompiled = ['3.5.33', '3.6.14', '3.7.1'].every(isAtHand);

const host = (place: number) => hostAt(lab.current, place);

const running = () =>
  Promise.all(lab.current.hosts.map((one) => said(one, 'readlink /proc/$(pidof etcd)/exe')));

const all = (version: string) => lab.current.hosts.map(() => `/opt/etcd/${version}/etcd`);

/** `up` ends well, every member runs the version, and another run has nothing to do. */
async function climbs(t: ExecutionContext, cluster: Cluster, version: string): Promise<void> {
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.deepEqual(await running(), all(version));
  const again = await lab.current.provision(['plan', cluster.inventory, '--exit-code']);
  t.is(again.exitCode, 0, again.stdout);
}

test.serial('up: from 3.3 to 3.4 without a failed write, after a snapshot', async (t) => {
  const first = await at('3.3.25');
  t.is((await lab.current.provision(['up', first.inventory, '--yes'])).exitCode, 0);
  const observer = observe(endpoints(first));
  const next = await at('3.4.23');
  const plan = await lab.current.provision(['plan', next.inventory]);
  t.regex(plan.stdout, /^note: the way back: /m);
  const up = await lab.current.provision(['up', next.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  t.regex(up.stdout, /^snapshot of revision \d+ before anything changes: \S+\.db$/m);
  t.deepEqual(await running(), all('3.4.23'));
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

if (hasCompiled)
  test.serial(
    'up: leaves no minor version out, and says what the source has to have',
    async (t) => {
      const far = await at('3.6.14');
      const up = await lab.current.provision(['up', far.inventory, '--yes']);
      t.is(up.exitCode, 3, up.stdout + up.stderr);
      t.regex(up.stderr, /the way from etcd 3\.4\.23 to 3\.6\.14 leads over 3\.5\.33/);
      t.deepEqual(await running(), all('3.4.23'));
    },
  );

test.serial('up: a member that does not come up gets its old program again', async (t) => {
  const next = await at('3.5.30');
  const observer = observe(endpoints(next));
  const operator = await startOperator(['up', next.inventory, '--yes', '--timeout', '10']);
  await operator.says(/restart etcd\.service \(\d/);
  // It says its version and does not run: what a trial cannot see.
  const program = '/opt/etcd/3.5.30/etcd';
  const broken = ['#!/bin/sh', `[ "$1" != --version ] || exec ${program}.real --version`, 'exit 1'];
  const places = [0, 1, 2].map(host);
  const states = await Promise.all(places.map((one) => said(one, `readlink /opt/etcd/etcd`)));
  const late = places[states.lastIndexOf('/opt/etcd/3.4.23')];
  if (late === undefined) throw new Error('nobody is left');
  await said(
    late,
    `mv ${program} ${program}.real && printf '%s\\n' '${broken.join("' '")}' > ${program} && chmod 755 ${program}`,
  );
  const { exitCode } = await operator.ended;
  t.is(exitCode, 1, operator.said());
  t.regex(operator.said(), new RegExp(`put ${late.name} back as before`));
  t.is(await said(late, 'readlink /proc/$(pidof etcd)/exe'), '/opt/etcd/3.4.23/etcd');
  for (const command of ['status', 'doctor']) {
    const { stdout } = await lab.current.provision([command, next.inventory]);
    t.regex(stdout, /an upgrade is half done: .*3\.4\.23.*3\.5\.30/, command);
    if (command === 'doctor') t.regex(stdout, new RegExp(`provision up ${next.inventory}`));
  }

  await climbs(t, next, '3.5.30');
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('certs rotate: does not change the minor version by the way', async (t) => {
  const older = await at('3.4.23');
  const rotate = await lab.current.provision(['certs', 'rotate', older.inventory, '--yes']);
  t.is(rotate.exitCode, 3, rotate.stdout + rotate.stderr);
  t.regex(rotate.stderr, /runs etcd 3\.5\.30; going to 3\.4\.23 is a change of minor version/);
  t.deepEqual(await running(), all('3.5.30'));
});

if (hasCompiled)
  test.serial('up: from 3.5 over 3.6 to 3.7 in one run, killed and finished', async (t) => {
    const url = await releases(t);
    const last = await at('3.7.1', { source: { release: { url } } });
    const observer = observe(endpoints(last));
    const killed = await startOperator(['up', last.inventory, '--yes']);
    await killed.says(/upgrade \S+ to 3\.6\.14/);
    await killed.says(/restart etcd\.service, if nothing of the v2 API is left in \S+ \(\d/);
    killed.kill('SIGKILL');
    await killed.ended;
    await climbs(t, last, '3.7.1');
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
    await purge(last);
  });

if (hasCompiled)
  test.serial('up: what is left of the v2 API keeps the old version, which runs on', async (t) => {
    const name = 'old';
    const one = { ...{ name, file: name, members: 1 }, protocol: 'http' } as const;
    const settings = { 'enable-v2': true };
    const before = await describeCluster(lab.current, {
      ...{ ...one, version: '3.5.33' },
      etcd: { settings },
    });
    t.is((await lab.current.provision(['up', before.inventory, '--yes'])).exitCode, 0);
    const [endpoint] = endpoints(before);
    const written = await fetch(`${endpoint?.url}/v2/keys/a`, {
      method: 'PUT',
      body: new URLSearchParams({ value: '1' }),
    });
    t.is(written.status, 201);
    const next = await describeCluster(lab.current, { ...one, version: '3.6.14' });
    const up = await lab.current.provision(['up', next.inventory, '--yes', '--allow-downtime']);
    t.is(up.exitCode, 1, up.stdout + up.stderr);
    t.regex(up.stderr, /its log holds what was written through the v2 API/);
    t.regex(up.stderr, /was put back as before, and all members answer/);
    t.is(await said(host(0), 'readlink /proc/$(pidof etcd)/exe'), '/opt/etcd/3.5.33/etcd');

    // As it advises, word by word.
    t.is((await fetch(`${endpoint?.url}/v2/keys/a`, { method: 'DELETE' })).status, 200);
    const bring = async (etcd: Readonly<Record<string, unknown>>) => {
      const wish = { ...one, version: '3.5.33', etcd: { settings: etcd } };
      const { inventory } = await describeCluster(lab.current, wish);
      const ended = await lab.current.provision(['up', inventory, '--yes', '--allow-downtime']);
      t.is(ended.exitCode, 0, ended.stdout + ended.stderr);
    };
    await bring({ ...settings, 'snapshot-count': 1 });
    for (const value of ['1', '2', '3']) await agreedValue(before, value);
    await bring({});
    const later = await describeCluster(lab.current, { ...one, version: '3.6.14' });
    const done = await lab.current.provision(['up', later.inventory, '--yes', '--allow-downtime']);
    t.is(done.exitCode, 0, done.stdout + done.stderr);
    await purge(later, name);
  });
