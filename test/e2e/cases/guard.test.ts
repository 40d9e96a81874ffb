import test from 'ava';
import { dropNothing, dropPeer } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { type Command, sh } from '../../../src/shell/command.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { kvClient } from '../observer/kv-client.ts';
import { said } from '../observer/seen.ts';
import { extent } from './extent.ts';

// systemd 257: it restarts services by itself without looking at their assertions.
const lab = useLab({ count: 3, debian: 'trixie' });

// Stopped before systemd has seen that it was killed, the unit stays failed, and a refused start leaves it so.
const STOP = sh`systemctl kill --signal=KILL etcd; systemctl stop etcd; systemctl reset-failed etcd || true`;
const AWAY = sh`mv /var/lib/etcd /root/kept`;
const BACK = sh`rm -rf /var/lib/etcd && mv /root/kept /var/lib/etcd`;
const START = sh`systemctl start etcd || true`;

interface Loss {
  readonly name: string;
  readonly lose: Command;
  readonly start?: Command;
  readonly repair: Command;
}

const losses: readonly Loss[] = [
  {
    name: 'an empty directory of its account',
    lose: sh`${STOP}; ${AWAY}; mkdir -m 700 /var/lib/etcd; chown etcd: /var/lib/etcd`,
    repair: BACK,
  },
  {
    name: 'a disk that goes away while it runs, and a crash',
    lose: sh`${AWAY}; mkdir -m 700 /var/lib/etcd; chown etcd: /var/lib/etcd`,
    start: sh`systemctl kill --signal=KILL etcd; sleep 8`,
    repair: BACK,
  },
  {
    name: 'a mount point of root without its disk, and state new',
    lose: sh`${STOP}; ${AWAY}; mkdir -p /var/lib/etcd/lost+found; sed -i s/existing/new/ /etc/etcd/etcd.conf`,
    repair: sh`${BACK}; sed -i '/STATE/s/new/existing/' /etc/etcd/etcd.conf`,
  },
  {
    name: 'a log that is missing alone',
    lose: sh`${STOP}; mv /var/lib/etcd/member/wal /root/kept-wal`,
    repair: sh`rm -rf /var/lib/etcd/member/wal; mv /root/kept-wal /var/lib/etcd/member/wal`,
  },
  {
    name: 'a drop-in that names another directory',
    lose: sh`${STOP}; mkdir -m 777 /var/lib/other; echo ETCD_DATA_DIR=/var/lib/other > /root/other.conf
mkdir /etc/systemd/system/etcd.service.d
printf '[Service]\\nEnvironmentFile=/root/other.conf\\nReadWritePaths=/var/lib/other\\n' > /etc/systemd/system/etcd.service.d/other.conf
systemctl daemon-reload`,
    repair: sh`rm -r /etc/systemd/system/etcd.service.d; systemctl daemon-reload`,
  },
];

async function started(): Promise<{
  readonly cluster: Cluster;
  readonly hosts: [LabHost, LabHost, LabHost];
}> {
  const [one, two, three] = lab.current.hosts;
  if (one === undefined || two === undefined || three === undefined) throw new Error('three hosts');
  const cluster = await describeCluster(lab.current);
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  if (up.exitCode !== 0) throw new Error(up.stdout + up.stderr);
  return { cluster, hosts: [one, two, three] };
}

const runs = (host: LabHost) => said(host, 'pgrep -x etcd; systemctl is-active etcd');

test.serial(
  'a member never starts without its own data, whatever stands in its place',
  async (t) => {
    const { cluster, hosts } = await started();
    t.deepEqual(await agreedValue(cluster, 'kept'), ['kept', 'kept', 'kept']);
    t.is(await said(hosts[0], 'ls /run/provision | grep empty-start'), '', 'the token is used up');
    for (const { name, lose, start = START, repair } of extent(losses, 3)) {
      await doInside(hosts[0], lose);
      await doInside(hosts[0], start);
      t.is(await runs(hosts[0]), 'inactive', name);
      await doInside(hosts[0], repair);
      await doInside(hosts[0], sh`systemctl start etcd`);
      t.is((await runs(hosts[0])).split('\n').at(-1), 'active', name);
    }
    t.deepEqual(await agreedValue(cluster, 'again'), ['again', 'again', 'again']);
  },
);

test.serial('an acknowledged write survives a member that boots without its disk', async (t) => {
  const { cluster, hosts } = await started();
  const [one, two, three] = hosts;
  const clients = endpoints(cluster).map(kvClient);
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  await doInside(three, sh`systemctl stop etcd`);
  await clients[0]?.put('proof/precious', 'written', 10_000);
  await Promise.all([one, two].map((host) => doInside(host, STOP)));
  await doInside(two, sh`${AWAY}; mkdir -m 700 /var/lib/etcd; chown etcd: /var/lib/etcd; ${START}`);
  await doInside(three, sh`systemctl start --no-block etcd`);
  t.is(await runs(two), 'inactive');
  await t.throwsAsync(clients[2]?.range('proof/precious', '', 1, 4_000) ?? Promise.resolve());

  const told = await Promise.all(
    ['status', 'doctor', 'up'].map((command) =>
      lab.current.provision([command, cluster.inventory, ...(command === 'up' ? ['--yes'] : [])]),
    ),
  );
  t.deepEqual(
    told.map(({ exitCode }) => exitCode),
    [1, 1, 3],
  );
  t.regex(
    told[0]?.stdout ?? '',
    new RegExp(`^${two.name}: etcd does not run, and its data is missing`, 'm'),
  );
  t.regex(
    told[1]?.stdout ?? '',
    new RegExp(
      `^${two.name}: its data directory /var/lib/etcd is empty; is a disk not mounted`,
      'm',
    ),
  );
  t.regex(told[2]?.stderr ?? '', new RegExp(`${two.name}: its data is gone`));

  await doInside(two, BACK);
  await started();
  const values = await Promise.all(
    clients.map((client) => client.range('proof/precious', '', 1, 10_000)),
  );
  t.deepEqual(
    values.map(([found]) => found?.value),
    ['written', 'written', 'written'],
  );
});

test.serial('a newcomer that failed before it had a log goes on', async (t) => {
  const { cluster, hosts } = await started();
  const [one, two, three] = hosts;
  const etcdctl = (...args: readonly string[]) =>
    lab.current.provision(['etcdctl', cluster.inventory, '--', ...args]);
  const listed = (await etcdctl('member', 'list')).stdout;
  const id =
    listed
      .split('\n')
      .find((line) => line.includes(three.name))
      ?.split(',')[0] ?? '';
  await doInside(three, sh`systemctl stop etcd`);
  const removed = await etcdctl('member', 'remove', id);
  t.is(removed.exitCode, 0, removed.stderr);
  await doInside(three, sh`rm -rf /var/lib/etcd /etc/etcd`);
  await etcdctl('member', 'add', three.name, `--peer-urls=https://${three.address}:2380`);
  for (const peer of [one, two]) await dropPeer(three, peer);

  const failed = await lab.current.provision(['up', cluster.inventory, '--yes', '--timeout=20']);
  t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
  t.is(await said(three, 'ls /var/lib/etcd/member'), 'snap');
  t.is(await said(three, 'ls /run/provision | grep empty-start'), '');

  await dropNothing(three);
  await started();
  t.deepEqual(await agreedValue(cluster, 'joined'), ['joined', 'joined', 'joined']);
});
