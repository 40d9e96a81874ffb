import { readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { unharmed } from '../lab/migration.ts';
import { doInside } from '../lab/sabotage.ts';
import { observe } from '../observer/observer.ts';
import { everyFile, said, unitRun } from '../observer/seen.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 3 });

const SEPARATE = {
  unit: 'etcd-events',
  ports: { client: 2383, peer: 2382 },
  paths: { conf: '/etc/etcd-events', data: '/var/lib/etcd-events' },
};

const shop = () => describeCluster(lab.current, { name: 'shop' });

/** A second cluster on the same hosts, whose members have names of their own. */
async function events(etcd: Readonly<Record<string, unknown>> = {}, hosts = [0, 1, 2]) {
  const members = lab.current.hosts.flatMap(({ address }, at) =>
    hosts.includes(at) ? [{ name: `e${at + 1}`, address }] : [],
  );
  const change = { members };
  return describeCluster(lab.current, { name: 'events', etcd: { ...SEPARATE, ...etcd }, change });
}

async function ok(t: ExecutionContext, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.current.provision(args);
  t.is(exitCode, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout + stderr;
}

/** All files of all hosts, and which run of the unit it is. */
function look(): Promise<readonly string[]> {
  return Promise.all(
    lab.current.hosts.map(async (host) =>
      [await unitRun(host), ...(await everyFile(host, ['/var/lib/etcd/member']))].join('\n'),
    ),
  );
}

async function refused(
  t: ExecutionContext,
  args: readonly string[],
  ...says: readonly RegExp[]
): Promise<void> {
  const before = await look();
  const { exitCode, stdout, stderr } = await lab.current.provision(args);
  t.is(exitCode, 3, `${args.join(' ')}: ${stdout}${stderr}`);
  for (const one of says) t.regex(stderr, one);
  t.notRegex(stderr, /--wipe|member remove/);
  t.deepEqual(await look(), before);
}

test.serial(
  'up: what the second cluster forgets belongs to the first, which is named',
  async (t) => {
    t.timeout(900_000, 'a busy machine');
    const first = await shop();
    await ok(t, 'up', first.inventory, '--yes');
    const writer = observe(endpoints(first));
    const { conf, data } = SEPARATE.paths;
    const forgotten = [
      { etcd: { paths: { data } }, key: /etcd\.paths\.conf/ },
      { etcd: { unit: undefined }, key: /etcd\.unit/ },
      { etcd: { paths: { conf } }, key: /etcd\.paths\.data/ },
      { etcd: { ports: undefined }, key: /etcd\.ports/ },
    ];
    for (const { etcd, key } of extent(forgotten, 2)) {
      const { inventory } = await events(etcd);
      await refused(t, ['up', inventory, '--yes'], /cluster shop/, key);
      await refused(t, ['up', inventory, '--yes', '--wipe', '--yes-wipe', 'events'], /shop/, key);
    }
    const { inventory: one } = await events({ paths: { data } }, [2]);
    await refused(t, ['up', one, '--yes'], /e3: \/etc\/etcd belongs to cluster shop/);
    unharmed(t, await writer.stop());

    await ok(t, 'down', first.inventory, '--yes');
    for (const { etcd, key } of forgotten) {
      const { inventory } = await events(etcd);
      await refused(t, ['up', inventory, '--yes'], /cluster shop/, key);
    }
  },
);

test.serial('up: a stopped cluster under another name is led back to its own', async (t) => {
  const first = await shop();
  const text = await readFile(first.inventory, 'utf8');
  const { inventory } = await describeCluster(lab.current, { name: 'warehouse' });
  await writeFile(inventory, text.replace('"cluster":"shop"', '"cluster":"warehouse"'));
  const says = /data of cluster shop [\s\S]* put cluster: shop back into/;
  await refused(t, ['up', inventory, '--yes'], says);
  await refused(t, ['up', inventory, '--yes', '--wipe', '--yes-wipe', 'warehouse'], says);
  await refused(t, ['down', inventory, '--purge', '--yes-purge', 'warehouse'], /cluster shop/);
  await ok(t, 'up', first.inventory, '--yes');
});

test.serial(
  'two clusters on the same hosts: nothing that one does is seen in the other',
  async (t) => {
    t.timeout(900_000, 'a busy machine');
    const first = await shop();
    const second = await events();
    const runs = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));
    const writer = observe(endpoints(first));
    await ok(t, 'up', second.inventory, '--yes');
    await ok(t, 'snapshot', 'schedule', second.inventory, '--every', '1h', '--yes');
    await ok(t, 'certs', 'rotate', second.inventory, '--yes');
    await ok(t, 'migrate', second.inventory, '--to', 'http', '--accept-plaintext', '--yes');
    const gone = await ok(t, 'down', second.inventory, '--purge', '--yes-purge', 'events');
    unharmed(t, await writer.stop());
    t.deepEqual(await Promise.all(lab.current.hosts.map((host) => unitRun(host))), runs);
    t.regex(gone, /\/opt\/etcd\/3\.5\.30 stays: etcd\.service uses it/);

    for (const host of lab.current.hosts) {
      t.is(
        await said(
          host,
          'find / -xdev -path "*etcd-events*" ! -path "/var/log/*" ! -path "/proc/*"',
        ),
        '',
      );
      t.is(await said(host, 'ls /opt/etcd'), '3.5.30\netcd');
      t.is(await said(host, '/opt/etcd/etcd/etcd --version | head -n 1'), 'etcd Version: 3.5.30');
    }
    t.is((await lab.current.provision(['plan', first.inventory, '--exit-code'])).exitCode, 0);
    t.deepEqual(await agreedValue(first, 'kept'), ['kept', 'kept', 'kept']);
  },
);

test.serial('up: the link that all units shared is left without a restart', async (t) => {
  const first = await shop();
  await asBefore(t, first);
  const runs = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));
  await ok(t, 'up', first.inventory, '--yes');
  t.deepEqual(await Promise.all(lab.current.hosts.map((host) => unitRun(host))), runs);
  for (const host of lab.current.hosts) {
    t.is(await said(host, 'ls /opt/etcd'), '3.5.30\netcd');
    t.is(
      await said(host, 'systemctl show etcd --property=ExecStart | grep -o "path=[^ ]*"'),
      'path=/opt/etcd/etcd/etcd',
    );
  }
  t.is((await lab.current.provision(['plan', first.inventory, '--exit-code'])).exitCode, 0);
});

test.serial('up: a host that a removed member left is cleared by the printed line', async (t) => {
  const first = await shop();
  await ok(t, 'snapshot', 'schedule', first.inventory, '--every', '1h', '--yes');
  const members = first.members.slice(0, 2);
  const two = await describeCluster(lab.current, {
    ...{ name: 'shop', file: 'two', change: { members } },
  });
  const left = hostAt(lab.current, 2);
  await ok(t, 'up', two.inventory, '--yes', '--remove', left.name);
  const writer = observe(endpoints({ ...two, members }));
  const { inventory } = await describeCluster(lab.current, {
    ...{ name: 'next', change: { members: [{ name: 'n1', address: left.address }] } },
  });
  const wanting = await lab.current.provision(['up', inventory, '--yes']);
  t.is(wanting.exitCode, 3, wanting.stdout + wanting.stderr);
  const line = /has left shop for good, clear .*, on n1 as root: (cd .*)$/m.exec(
    wanting.stderr,
  )?.[1];
  if (line === undefined) throw new Error(wanting.stderr);
  // Where a member has its data it does nothing.
  const { name } = hostAt(lab.current, 1);
  const runs = await look();
  await said(hostAt(lab.current, 1), line.replaceAll(`member ${left.name}`, `member ${name}`));
  t.deepEqual(await look(), runs);

  await said(left, line);
  await ok(t, 'up', inventory, '--yes');
  t.is(await said(left, 'ls /etc/systemd/system | grep etcd'), 'etcd.service');
  t.regex(await said(left, 'head -n 1 /etc/etcd/etcd.conf'), /cluster next, member n1/);
  t.is((await lab.current.provision(['plan', inventory, '--exit-code'])).exitCode, 0);
  t.is((await lab.current.provision(['plan', two.inventory, '--exit-code'])).exitCode, 0);
  unharmed(t, await writer.stop());
});

/** The hosts as a version of this program left them that had one link for all units. */
async function asBefore(t: ExecutionContext, { inventory }: Cluster): Promise<void> {
  for (const host of lab.current.hosts) {
    await doInside(
      host,
      sh`set -e
mv /opt/etcd/etcd /opt/etcd/current
sed -i s,/opt/etcd/etcd/etcd,/opt/etcd/current/etcd, /etc/systemd/system/etcd.service
systemctl daemon-reload`,
    );
  }
  t.is((await lab.current.provision(['status', inventory])).exitCode, 0);
}
