import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { sh } from '../../../src/shell/command.ts';
import {
  agreedValue,
  type ClusterWish,
  describeCluster,
  endpoints,
  purge,
} from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { kvClient } from '../observer/kv-client.ts';
import { everyFile, said, unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

/** All files of all hosts, and which run of etcd it is. */
function look(except: readonly string[] = []): Promise<readonly string[]> {
  const { hosts } = lab.current;
  return Promise.all(
    hosts.map(async (host) => [await unitRun(host), ...(await everyFile(host, except))].join('\n')),
  );
}

interface Refusal {
  readonly exitCode: number;
  /** Words of the sentence, in their order. */
  readonly says: RegExp;
  readonly args?: readonly string[];
  readonly command?: string;
}

/** Runs a command that must not work: its exit code and its sentence are as told, no host has changed, nothing is a stack trace. */
async function refused(
  t: ExecutionContext,
  inventory: string,
  { exitCode, says, args = ['--yes'], command = 'up' }: Refusal,
): Promise<void> {
  const before = await look(['/var/lib/etcd/member']);
  const run = await lab.current.provision([command, inventory, ...args]);
  const told = `${run.stdout}${run.stderr}`;
  t.is(run.exitCode, exitCode, told);
  t.regex(run.stderr, says);
  t.regex(run.stderr, /^error: .*\n/m);
  t.notRegex(told, /^\s+at .*:\d+:\d+|This is a bug of provision/m);
  t.deepEqual(await look(['/var/lib/etcd/member']), before);
}

const described = (wish: ClusterWish = {}) => describeCluster(lab.current, wish);

test.serial('up: one unreachable host of three changes nothing anywhere', async (t) => {
  const [, , third] = lab.current.hosts;
  if (third === undefined) return t.fail();
  const { inventory } = await described();
  await doInside(third, sh`systemctl stop ssh.service`);
  await refused(t, inventory, { exitCode: 4, says: new RegExp(`^error: ${third.name}: .*`, 'm') });
  await doInside(third, sh`systemctl start ssh.service`);
});

test.serial('up: a version that nobody has', async (t) => {
  const asked: string[] = [];
  const mirror = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  t.teardown(() => mirror.close());
  await new Promise((resolve) => mirror.once('listening', resolve));
  const { port } = mirror.address() as AddressInfo;
  const source = { release: { url: `http://127.0.0.1:${port}` } };
  const { inventory } = await described({ version: '3.5.99', etcd: { source } });
  await refused(t, inventory, {
    exitCode: 2,
    says: /etcd 3\.5\.99 does not exist at [\s\S]*next: correct etcd\.version/,
  });
  t.true(
    asked.some((url) => url.includes('v3.5.99')),
    asked.join(),
  );
});

test.serial('up: an archive with another checksum', async (t) => {
  const source = { archive: lab.current.etcd.archive, sha256: '0'.repeat(64) };
  const { inventory } = await described({ etcd: { source } });
  await refused(t, inventory, {
    exitCode: 3,
    says: /has sha256 [0-9a-f]{64}, and the inventory says 0{64}\n {2}next: fetch the archive again/,
  });
});

test.serial('up: a key file that is not there', async (t) => {
  const cluster = await described();
  const text = await readFile(cluster.inventory, 'utf8');
  await writeFile(
    cluster.inventory,
    text.replace(lab.current.paths.identity, '/nowhere/id_ed25519'),
  );
  await refused(t, cluster.inventory, { exitCode: 2, says: /\/nowhere\/id_ed25519/ });
});

test.serial('up: without a terminal and without --yes nothing is done', async (t) => {
  const { inventory } = await described();
  await refused(t, inventory, {
    exitCode: 2,
    says: /no terminal to ask on[\s\S]*next: add --yes/,
    args: [],
  });
});

test.serial('up: data of another cluster is not touched', async (t) => {
  const [first] = lab.current.hosts;
  if (first === undefined) return t.fail();
  const other = await described({ name: 'other', members: 1 });
  const made = await lab.current.provision(['up', other.inventory, '--yes', '--json']);
  t.is(made.exitCode, 0, made.stderr);
  const { clusterId } = JSON.parse(made.stdout);
  await lab.current.provision(['down', other.inventory, '--yes']);

  const { inventory } = await described();
  const says = new RegExp(
    `${first.name}: /var/lib/etcd holds [\\d.]+ MiB of data of cluster other \\(cluster id ${clusterId}\\), last written `,
  );
  await refused(t, inventory, { exitCode: 3, says });
  await refused(t, inventory, { exitCode: 3, says, command: 'plan', args: [] });
  const wipe = ['--yes', '--wipe', '--yes-wipe', 'proof'];
  await refused(t, inventory, { exitCode: 3, says, args: wipe });

  await doInside(first, sh`rm /etc/etcd/etcd.conf`);
  await refused(t, inventory, { exitCode: 3, says, args: wipe });

  await doInside(first, sh`rm /etc/systemd/system/etcd.service && systemctl daemon-reload`);
  await refused(t, inventory, { exitCode: 3, says: /of data of a cluster that nobody here names/ });
  await refused(t, inventory, {
    exitCode: 3,
    says: /no terminal to confirm on[\s\S]*next: add --yes-wipe proof/,
    args: ['--yes', '--wipe'],
  });
  await refused(t, inventory, {
    exitCode: 2,
    says: /--yes-wipe other: the cluster of \S+ is called proof/,
    args: ['--yes', '--wipe', '--yes-wipe', 'other'],
  });
});

test.serial('up --wipe moves data aside and deletes nothing', async (t) => {
  const [first] = lab.current.hosts;
  if (first === undefined) return t.fail();
  const cluster = await described();
  const sums = 'cd $0 && find . -type f -exec sha256sum {} + | sort';
  const before = await said(first, sums.replace('$0', '/var/lib/etcd'));
  const wiped = await lab.current.provision([
    'up',
    cluster.inventory,
    '--wipe',
    '--yes-wipe',
    'proof',
  ]);
  t.is(wiped.exitCode, 0, wiped.stdout + wiped.stderr);
  t.is(await said(first, sums.replace('$0', '/var/lib/etcd.aside-*')), before);
  t.true(before.includes('.wal'));
  t.deepEqual(await agreedValue(cluster, 'new'), ['new', 'new', 'new']);
});

test.serial('up: a member whose data is gone does not come back empty', async (t) => {
  const [, second] = lab.current.hosts;
  if (second === undefined) return t.fail();
  const cluster = await described();
  t.deepEqual(await agreedValue(cluster, 'kept'), ['kept', 'kept', 'kept']);
  await doInside(second, sh`systemctl stop etcd && mv /var/lib/etcd /var/lib/elsewhere`);
  await refused(t, cluster.inventory, {
    exitCode: 3,
    says: /its data is gone \(\/var\/lib\/etcd is missing\) although it was a member; is a disk not mounted\?/,
  });
  await doInside(second, sh`mkdir /var/lib/etcd`);
  await refused(t, cluster.inventory, {
    exitCode: 3,
    says: /its data is gone \(\/var\/lib\/etcd is empty\)/,
  });
  await doInside(second, sh`rmdir /var/lib/etcd && mv /var/lib/elsewhere /var/lib/etcd`);
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  const [client] = endpoints(cluster).slice(1).map(kvClient);
  t.deepEqual(await client?.range('proof/value', '', 1, 5_000), [
    { key: 'proof/value', value: 'kept' },
  ]);
  client?.close();
});

test.serial('up: a PKI store that others can read is refused', async (t) => {
  const cluster = await described();
  await chmod(cluster.store, 0o755);
  await refused(t, cluster.inventory, { exitCode: 3, says: new RegExp(cluster.store) });
  await chmod(cluster.store, 0o700);
  await purge(cluster);
});
