import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { adopted } from '../foreign/adopted.ts';
import { type Built, built } from '../foreign/built.ts';
import type { ForeignCluster, Layout } from '../foreign/cluster.ts';
import { TAKEN_OVER } from '../foreign/layouts.ts';
import { finishAnyway, identity, ok, STAGE_PORT, to, unharmed } from '../lab/migration.ts';
import { contents } from '../observer/contents.ts';
import { type Endpoint, kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { refusal } from '../observer/probe.ts';
import { extent } from './extent.ts';

// What somebody else built lives on as ours: its certificates are renewed, it goes to https, it is saved and restored.

/** One cluster that was taken over, and how it is driven. */
interface Taken {
  readonly t: ExecutionContext;
  readonly lab: Built['lab'];
  readonly cluster: ForeignCluster;
  readonly inventory: string;
  readonly run: (...words: readonly string[]) => Promise<string>;
}

const isHttp = ({ clients }: ForeignCluster) => clients[0]?.url.startsWith('http:') === true;

/** The cluster's clients by https, with what its own store has for an administrator. */
async function secureClients({ cluster, inventory }: Taken): Promise<readonly Endpoint[]> {
  const { inventory: read } = parseInventory(await readFile(inventory, 'utf8'), inventory);
  const store = join(dirname(inventory), `${read.cluster}.pki`);
  return cluster.clients.map(({ url }) => ({
    url: url.replace('http:', 'https:'),
    caFile: join(store, 'ca.crt'),
    certFile: join(store, 'admin.crt'),
    keyFile: join(store, 'admin.key'),
  }));
}

const atStage = ({ url, ...files }: Endpoint): Endpoint => ({
  ...files,
  url: url.replace(/:\d+$/, `:${STAGE_PORT}`),
});

/** To https without an outage: first both are served, then https alone. Gives who its clients are then. */
async function toHttps(taken: Taken): Promise<readonly Endpoint[]> {
  const { t, lab, cluster, inventory, run } = taken;
  const ids = await identity(cluster.clients);
  const plain = observe(cluster.clients);
  await run('migrate', inventory, ...to('https'));
  unharmed(t, await plain.stop());
  const clients = await secureClients(taken);
  const secure = observe(clients.map(atStage));
  await run('migrate', inventory, ...to('https'), '--advertise');
  await run('migrate', inventory, ...to('https'), ...finishAnyway(lab));
  secure.use([...clients, ...clients.map(atStage)]);
  const text = await readFile(inventory, 'utf8');
  await writeFile(inventory, text.replace(/^protocol: http$/m, 'protocol: https'));
  await run('up', inventory, '--yes');
  unharmed(t, await secure.stop());
  for (const endpoint of cluster.clients) t.not(await refusal(endpoint), undefined);
  t.deepEqual(await identity(clients), ids);
  return clients;
}

/** Renews every leaf under load; nobody is restarted. */
async function rotated({ t, inventory, run }: Taken, clients: readonly Endpoint[]): Promise<void> {
  const observer = observe(clients);
  t.regex(await run('certs', 'rotate', inventory, '--yes'), /, no restart in /);
  unharmed(t, await observer.stop(), 0);
}

/** What was saved is there again, and what came later is not. */
async function savedAndRestored(
  { t, inventory, run }: Taken,
  clients: readonly Endpoint[],
): Promise<void> {
  const [first] = clients;
  if (first === undefined) throw new TypeError('a cluster with clients');
  const truth = await contents(first);
  const saved = JSON.parse(await run('snapshot', 'save', inventory, '--json'));
  const client = kvClient(first);
  t.teardown(() => client.close());
  await client.put('later', 'is gone', 5000);
  const { inventory: read } = parseInventory(await readFile(inventory, 'utf8'), inventory);
  await run('restore', inventory, '--from', saved.path, '--yes-restore', read.cluster);
  for (const endpoint of clients) {
    const { hash, keys, clusterId } = await contents(endpoint);
    t.deepEqual({ hash, keys }, { hash: truth.hash, keys: truth.keys });
    t.not(clusterId, truth.clusterId);
  }
}

const lives = test.macro({
  title: (_, layout: Layout) =>
    `${layout.name}: once taken over it is rotated, on https, saved and restored, and nothing is lost`,
  async exec(t, layout: Layout) {
    t.timeout(900_000);
    const place = await built(t, layout);
    const [cluster] = place.clusters;
    if (cluster === undefined) throw new TypeError(`${layout.name} builds a cluster`);
    const { lab } = place;
    const inventory = await adopted(t, place, cluster);
    const run = async (...words: readonly string[]) => {
      const ended = await lab.provision(words);
      ok(t, ended);
      return ended.stdout;
    };
    const taken: Taken = { t, lab, cluster, inventory, run };
    const isClean = () => run('plan', inventory, '--exit-code');
    await run('up', inventory, '--yes');
    const clients = isHttp(cluster) ? await toHttps(taken) : cluster.clients;
    await isClean();
    await rotated(taken, clients);
    await isClean();
    await savedAndRestored(taken, clients);
    await isClean();

    const back = await lab.provision(['adopt', '--undo', inventory, '--yes']);
    if (isHttp(cluster)) {
      t.is(back.exitCode, 3);
      t.regex(back.stderr, /its protocol was http and is https/);
      t.true(back.stderr.includes(`next: provision migrate ${inventory} --to http`), back.stderr);
      return;
    }
    ok(t, back);
    const again = await run('adopt', '--undo', inventory, '--yes');
    t.regex(again, /there is nothing to give back/);
    for (const endpoint of cluster.clients) await contents(endpoint);
  },
});

for (const layout of extent(TAKEN_OVER, 1)) test.serial(lives, layout);
