import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { agreedValue, type Cluster, describeCluster } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { keep, on, putBack, STATES } from './doctor-states.ts';
import { extent } from './extent.ts';
import { CA } from './hangs.ts';

const lab = useLab({ count: 3 });
const LOOKS = 120;

/** What had gone wrong before and was repaired: its lines are still in the journal, and are not the cause of anything now. */
const OLDER: readonly ((host: LabHost, others: readonly LabHost[]) => Promise<void>)[] = [
  (host) =>
    on(
      host,
      `cp /etc/etcd/pki/server.crt /root/older.crt; echo text > /etc/etcd/pki/server.crt
systemctl restart --no-block etcd; sleep 2; systemctl stop etcd; cat /root/older.crt > /etc/etcd/pki/server.crt; systemctl start etcd`,
    ),
  async (host, others) => {
    const say = `printf 'GET /health HTTP/1.0\\r\\n\\r\\n' > /dev/tcp/${host.address}/2380`;
    for (const other of others)
      await on(other, `timeout 3 bash -c "${say}"; timeout 3 bash -c "${say}"`);
  },
  (host) =>
    on(
      host,
      'systemctl stop etcd; chown root: /var/lib/etcd; systemctl start --no-block etcd; sleep 2; systemctl stop etcd; chown etcd: /var/lib/etcd; systemctl start etcd',
    ),
];

async function whole(t: ExecutionContext, cluster: Cluster): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      const read = await agreedValue(cluster, 'whole');
      t.deepEqual(read, ['whole', 'whole', 'whole']);
      return;
    } catch (error) {
      if (look === LOOKS) throw error;
      await sleep(500);
    }
  }
}

test.serial('a cluster that was in use', async (t) => {
  const cluster = await describeCluster(lab.current, {
    etcd: { settings: { 'snapshot-count': 10 } },
  });
  await createCa(cluster.store, CA, new Date(Date.now() - 400 * 86_400_000));
  const up = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(up.exitCode, 0, up.stdout + up.stderr);
  for (let put = 0; put < 30; put++) await agreedValue(cluster, `${put}`);
  await keep(lab.current.hosts);
});

for (const [index, { title, first, second, make, repair }] of extent([...STATES.entries()], 7))
  test.serial(`doctor of ${title}`, async (t) => {
    const cluster = await describeCluster(lab.current, {
      etcd: { settings: { 'snapshot-count': 10 } },
    });
    const [r1, r2, r3] = lab.current.hosts;
    if (r1 === undefined || r2 === undefined || r3 === undefined) return t.fail();
    const hosts = [r1, r2, r3] as const;
    try {
      if (index % 2 === 0) await OLDER[(index / 2) % OLDER.length]?.(r3, [r1, r2]);
      await make(hosts, cluster);
      const { stdout, stderr } = await lab.current.provision(['doctor', cluster.inventory]);
      const masked = (text: string) =>
        hosts
          .reduce(
            (told, { name, address }, at) =>
              told.replaceAll(name, `r${at + 1}`).replaceAll(address, `A${at + 1}`),
            text,
          )
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
          .replaceAll(/\d\d:\d\d:\d\d UTC/g, 'TIME')
          .replaceAll(/\b[0-9a-f]{15,16}\b/g, 'ID')
          .replaceAll(/\(\d+ restarts\)/g, '(N restarts)')
          .replaceAll(/process \d+/g, 'process PID');
      const [told, next] = masked(stdout).split('\n');
      t.is(told, first, masked(stdout + stderr));
      if (second !== undefined) t.is(next, second, masked(stdout + stderr));
    } finally {
      await repair?.(hosts, cluster);
      await putBack(hosts);
      await whole(t, cluster);
    }
  });

test.serial('doctor finds nothing afterwards', async (t) => {
  const cluster = await describeCluster(lab.current, {
    etcd: { settings: { 'snapshot-count': 10 } },
  });
  const { stdout, exitCode } = await lab.current.provision(['doctor', cluster.inventory]);
  t.is(stdout.trim(), 'proof: nothing wrong found');
  t.is(exitCode, 0);
});
