import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readMemberList } from '../../../src/etcd/answers.ts';
import { sharesPort } from '../../../src/etcd/versions.ts';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { failed, ok, ownAddress, STAGE_PORT, to, unharmed } from '../lab/migration.ts';
import { type ProtocolCluster, protocolCluster } from '../lab/protocol-cluster.ts';
import { type Endpoint, kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { unitRun } from '../observer/seen.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 3 });

async function overHttp(t: ExecutionContext, etcd: string): Promise<ProtocolCluster> {
  const cluster = await protocolCluster(lab.current, { etcd });
  t.teardown(cluster.purge);
  ok(t, await lab.current.provision(['up', cluster.inventory.http, '--yes']));
  return cluster;
}

/** The client URLs in the member list, as a follower gets them from each host, sorted. */
async function advertised(): Promise<readonly string[]> {
  const lists = await Promise.all(
    lab.current.hosts.map(async (host) => {
      const { stdout } = await inside(
        host,
        sh`cd /etc/etcd/pki 2>/dev/null; for url in http://127.0.0.1:2379 https://127.0.0.1:2378 https://127.0.0.1:2379; do
  ETCDCTL_API=3 /opt/etcd/etcd/etcdctl --endpoints=$url --cacert=ca.crt --cert=healthcheck-client.crt --key=healthcheck-client.key --command-timeout=3s member list -w json 2>/dev/null && exit
done`,
      );
      const { members } = readMemberList(stdout);
      return members.flatMap(({ clientUrls }) => clientUrls).sort();
    }),
  );
  return [...new Set(lists.map((list) => list.join(' ')))];
}

const urls = (endpoints: readonly Endpoint[]) => [
  endpoints
    .map(({ url }) => url)
    .sort()
    .join(' '),
];

/** A client that opens a connection for each write, ten times a second at most. */
function shortLived(endpoint: Endpoint) {
  let isOver = false;
  const failures: string[] = [];
  let writes = 0;
  const ended = (async () => {
    for (let turn = 0; !isOver; turn += 1) {
      const client = kvClient(endpoint);
      try {
        await client.put('short', String(turn), 3000);
        writes += 1;
      } catch (error) {
        failures.push(String(error));
      } finally {
        client.close();
      }
      await sleep(100);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await ended;
      return { writes, failures };
    },
  };
}

const VERSIONS = extent(['3.5.16', '3.6.14', '3.3.25', '3.4.23', '3.5.30', '3.7.1'], 1);

for (const etcd of VERSIONS) {
  test.serial(
    `migrate --via live: etcd ${etcd} advertises one protocol at a time, and cuts nobody off who was seen`,
    async (t) => {
      t.timeout(900_000, 'etcd may have to be compiled');
      const { provision, hosts } = lab.current;
      const cluster = await overHttp(t, etcd);
      const { http, https } = cluster.inventory;
      const runs = () => Promise.all(hosts.map((host) => unitRun(host)));
      const migrate = (...words: readonly string[]) =>
        provision(['migrate', https, ...to('https'), '--no-snapshot', ...words]);
      const stage = cluster.endpoints('https', STAGE_PORT);

      ok(t, await migrate());
      t.deepEqual(await advertised(), urls(cluster.endpoints('http')));
      t.deepEqual(await toldEndpoints(t, http), urls(cluster.endpoints('http')));
      t.deepEqual(await toldEndpoints(t, https), urls(stage));
      const [old] = cluster.endpoints('http');
      if (old === undefined) throw new Error('a cluster has a first endpoint');
      const onHttp = shortLived(old);
      const before = await runs();
      const refused = await migrate('--finish', '--window', '3');
      failed(
        t,
        refused,
        3,
        'seen on http within 3 s',
        `--clients-may-be-cut ${ownAddress(lab.current)}`,
      );
      t.deepEqual(await runs(), before);
      t.deepEqual((await onHttp.stop()).failures, []);

      const shown = await migrate('--advertise');
      ok(t, shown);
      t.regex(shown.stdout, /for \d+ s its followers may have seen both http and https/);
      t.deepEqual(await advertised(), urls(stage));

      // It knows the port of the stage alone, and stays on it until it is told the other.
      const onHttps = observe(stage);
      const half = await migrate('--finish', '--window', '3');
      failed(t, half, 6, `seen at port ${STAGE_PORT} alone: ${ownAddress(lab.current)}`);
      t.deepEqual(await advertised(), urls(cluster.endpoints('https')));
      for (const endpoint of cluster.endpoints('http')) t.not(await refusal(endpoint), undefined);
      failed(t, await provision(['up', https, '--yes']), 3, `port ${STAGE_PORT}`, '--finish');
      onHttps.use(cluster.endpoints('https'));
      await sleep(1000);
      ok(t, await migrate('--finish', '--window', '3'));
      unharmed(t, await onHttps.stop());
      for (const endpoint of stage) t.not(await refusal(endpoint), undefined);
      const second = await provision(['up', https, '--yes', '--json']);
      t.like(JSON.parse(second.stdout), { changed: false });

      // The other direction, at one port where etcd can do that.
      const back = (...words: readonly string[]) =>
        provision(['migrate', http, ...to('http'), '--no-snapshot', '--window', '3', ...words]);
      if (!sharesPort(etcd)) {
        failed(
          t,
          await back('--window-port', '2379'),
          3,
          'does not serve http and https at one port',
        );
        return;
      }
      ok(t, await back('--window-port', '2379'));
      t.deepEqual(await advertised(), urls(cluster.endpoints('https')));
      t.deepEqual(await shownEndpoints(https), [
        ...hosts.map(({ address }) => [`http://${address}:2379`, `https://${address}:2379`]),
      ]);
      const [secure] = cluster.endpoints('https');
      if (secure === undefined) throw new Error('a cluster has a first endpoint');
      const untold = shortLived(secure);
      const both = await back('--finish');
      failed(t, both, 3, 'cannot be told', `--clients-may-be-cut ${ownAddress(lab.current)}`);
      t.deepEqual((await untold.stop()).failures, []);
      ok(t, await back('--finish', '--clients-may-be-cut', ownAddress(lab.current)));
      t.deepEqual(await advertised(), urls(cluster.endpoints('http')));

      // With the inventory that says the other.
      t.deepEqual(
        await shownEndpoints(https),
        hosts.map(({ address }) => [`http://${address}:2379`]),
      );
      t.deepEqual(await toldEndpoints(t, https), urls(cluster.endpoints('http')));
      failed(t, await provision(['plan', https]), 3, 'put protocol: http into the inventory');
    },
  );
}

/** The endpoints that status shows. */
async function shownEndpoints(inventory: string): Promise<readonly (readonly string[])[]> {
  const { stdout } = await lab.current.provision(['status', inventory, '--json']);
  const { members } = JSON.parse(stdout) as { members: { endpoints: readonly string[] }[] };
  return members.map(({ endpoints }) => endpoints);
}

/** The endpoints that env tells, sorted; etcdctl is given through to the same cluster. */
async function toldEndpoints(t: ExecutionContext, inventory: string): Promise<readonly string[]> {
  const { provision } = lab.current;
  const told = await provision(['env', inventory, '--json']);
  ok(t, told);
  const words = ['etcdctl', inventory, '--'];
  ok(t, await provision([...words, 'put', 'told', inventory], { input: '' }));
  const { stdout } = await provision([...words, 'get', 'told', '--print-value-only'], {
    input: '',
  });
  t.is(stdout, `${inventory}\n`);
  const { ETCDCTL_ENDPOINTS: endpoints, ETCDCTL_CERT: certificate } = JSON.parse(told.stdout) as {
    readonly ETCDCTL_ENDPOINTS: string;
    readonly ETCDCTL_CERT?: string;
  };
  t.is(certificate !== undefined, endpoints.startsWith('https:'));
  return [endpoints.split(',').sort().join(' ')];
}
