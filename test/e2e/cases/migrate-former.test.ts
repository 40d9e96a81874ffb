import test, { type ExecutionContext } from 'ava';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { failed, finishAnyway, identity, ok, to, unharmed } from '../lab/migration.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { unitRun } from '../observer/seen.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 3 });

/**
 * A dual-protocol stage as the former version made it: http and https at the client port, and both in the member list. This
 * version serves both there when it is asked to, but advertises one, so the other is written by hand.
 */
async function formerStage(t: ExecutionContext, { inventory }: ProtocolCluster): Promise<void> {
  const { provision, hosts } = lab.current;
  ok(
    t,
    await provision([
      'migrate',
      inventory.https,
      ...to('https'),
      '--no-snapshot',
      '--window-port',
      '2379',
    ]),
  );
  for (const host of hosts) {
    const { address } = host;
    const urls = `http://${address}:2379,https://${address}:2379`;
    const { exitCode, stderr } = await inside(
      host,
      sh`set -e
sed -i 's|^\\(ETCD_ADVERTISE_CLIENT_URLS=\\).*|\\1'${urls}'|' /etc/etcd/etcd.conf
grep -q ${urls} /etc/etcd/etcd.conf
systemctl restart etcd.service`,
    );
    t.is(exitCode, 0, stderr);
  }
}

for (const protocol of extent(['http', 'https'] as const, 1))
  test.serial(
    `migrate --via live: a stage of the former version, at one port, ends in ${protocol} without a failed write`,
    async (t) => {
      t.timeout(900_000);
      const { provision, hosts } = lab.current;
      const cluster = await protocolCluster(lab.current, { etcd: '3.5.16' });
      t.teardown(cluster.purge);
      const { http, https } = cluster.inventory;
      ok(t, await provision(['up', http, '--yes']));
      const before = await identity(cluster.endpoints('http'));
      await formerStage(t, cluster);

      // Nobody but its own command touches it, and that tells what it cannot tell.
      const runs = () => Promise.all(hosts.map((host) => unitRun(host)));
      const as = await runs();
      for (const inventory of [http, https])
        failed(t, await provision(['up', inventory, '--yes']), 3, 'clients are served by both');
      const observer = observe(cluster.endpoints(protocol));
      const other = protocol === 'http' ? https : http;
      const migrate = ['migrate', cluster.inventory[protocol], ...to(protocol), '--no-snapshot'];
      failed(
        t,
        await provision([...migrate, '--finish', '--window', '3']),
        3,
        'http and https share a port, so it cannot be told',
      );
      t.deepEqual(await runs(), as);

      ok(t, await provision([...migrate, ...finishAnyway(lab.current)]));
      unharmed(t, await observer.stop());
      t.deepEqual(await identity(cluster.endpoints(protocol)), before);
      for (const endpoint of cluster.endpoints(protocol === 'http' ? 'https' : 'http'))
        t.not(await refusal(endpoint), undefined);
      const second = await provision(['up', cluster.inventory[protocol], '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });
      failed(t, await provision(['up', other, '--yes']), 3, 'is wanted, but');
    },
  );
