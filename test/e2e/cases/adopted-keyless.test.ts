import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import { rootWords } from '../foreign/adopted.ts';
import { asTheyAre, listOf, ofAll } from '../foreign/as-they-are.ts';
import { type Built, built } from '../foreign/built.ts';
import type { ForeignCluster, Layout } from '../foreign/cluster.ts';
import { LAYOUTS } from '../foreign/layouts.ts';
import type { Endpoint } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { meet } from '../observer/tls-client.ts';
import { extent } from './extent.ts';

// What somebody else built, taken over by whom the key of its CA was not given.

const REFUSED = 3;
/** A change of the CA waits for clients to follow. */
const PAUSED = 6;

/** Files of the owner and of the certificates as they are, and what runs. */
const untouched = (cluster: ForeignCluster) =>
  ofAll(cluster, (member) => {
    const tls = [member.client, member.peer].flatMap((one) => (one ? [one.cert, one.key] : []));
    return asTheyAre({ ...member, files: [...member.files, ...tls] });
  });

/** What the members show to clients. */
const shownBy = (clients: readonly Endpoint[]) =>
  Promise.all(
    clients.map(async ({ url, certFile, keyFile }) => {
      const { hostname, port } = new URL(url);
      const pair = certFile && keyFile ? { certFile, keyFile } : undefined;
      return meet(hostname, Number(port), pair);
    }),
  );

/** Adopts a cluster without the key of its CA, as somebody who has a client's certificate or nothing, and gives the inventory. */
async function adopted(
  t: ExecutionContext,
  { lab, site }: Built,
  { members, version, clients }: ForeignCluster,
  hasPair: boolean,
): Promise<string> {
  const inventory = join(site.directory, 'inventory.yaml');
  const [first] = members;
  const { certFile = '', keyFile = '' } = clients[0] ?? {};
  const adopt = await lab.provision([
    ...['adopt', first?.host.address ?? '', '--out', inventory, '--unit', first?.unit ?? ''],
    ...rootWords({ lab }),
    ...['--cluster', 'theirs'],
    ...(hasPair ? ['--client-cert', certFile, '--client-key', keyFile] : []),
  ]);
  t.is(adopt.exitCode, 0, adopt.stdout + adopt.stderr);
  t.regex(adopt.stdout, /members keep the certificates that they\s+have/);
  const { directory } = await ensureEtcd(version, t.log);
  const source = `  version: ${version}\n  source: { directory: ${directory} }`;
  const text = await readFile(inventory, 'utf8');
  await writeFile(inventory, text.replace(`  version: ${version}`, source));
  return inventory;
}

const keyless = test.macro({
  title: (_, layout: Layout, hasPair: boolean) =>
    `${layout.name}: without the key of its CA, ${hasPair ? 'with' : 'without'} a client's pair, it is taken over as it is, given back, and brought to a CA of ours`,
  async exec(t, layout: Layout, hasPair: boolean) {
    t.timeout(900_000);
    const place = await built(t, layout);
    const [cluster] = place.clusters;
    if (cluster === undefined) throw new TypeError(`${layout.name} builds a cluster`);
    const { lab, site } = place;
    const [before, list, shown] = [
      await untouched(cluster),
      await listOf(cluster),
      await shownBy(cluster.clients),
    ];
    // Who asks clients for nothing serves those of the former CA too.
    const strangers = await shownBy(cluster.clients.map(({ url }) => ({ url })));
    const servesAll = strangers.every(({ answers }) => answers);
    const inventory = await adopted(t, place, cluster, hasPair);
    t.deepEqual(await untouched(cluster), before);
    const store = join(site.directory, 'theirs.pki');
    const run = (...words: readonly string[]) => lab.provision(words);
    const done = async (code: number, ...words: readonly string[]) => {
      const ended = await run(...words);
      t.is(ended.exitCode, code, ended.stdout + ended.stderr);
      return ended.stdout + ended.stderr;
    };
    // Clients follow a change of the CA by a file that they read again.
    const clients = cluster.clients.map((one) => ({ ...one, caFile: join(store, 'trust.pem') }));
    const observer = observe(clients);

    await done(0, 'status', inventory);
    await done(10, 'plan', inventory, '--exit-code');
    await done(0, 'snapshot', 'save', inventory);
    await done(0, 'up', inventory, '--yes');
    await done(0, 'plan', inventory, '--exit-code');
    t.deepEqual(await shownBy(cluster.clients), shown);
    await done(0, 'status', inventory);
    await done(0, 'snapshot', 'save', inventory);
    await done(0, 'check', inventory);
    t.regex(
      await done(REFUSED, 'certs', 'rotate', inventory, '--yes'),
      /somebody else made them[\s\S]*next: .*certs rotate-ca/,
    );

    await done(0, 'adopt', '--undo', inventory, '--yes');
    t.deepEqual(await untouched(cluster), before);
    await done(0, 'up', inventory, '--yes');

    await done(PAUSED, 'certs', 'rotate-ca', inventory, '--yes', '--window', '2');
    const renewed = await shownBy(cluster.clients);
    t.true(renewed.every(({ answers }) => answers));
    t.true(renewed.every(({ serial }, at) => serial !== shown[at]?.serial));
    const pair = { certFile: join(store, 'admin.crt'), keyFile: join(store, 'admin.key') };
    const following = clients.map((one) => ({ ...one, ...pair }));
    observer.use(following);
    await done(0, 'certs', 'rotate-ca', inventory, '--yes', '--finish', '--window', '4');
    await done(0, 'plan', inventory, '--exit-code');
    await done(0, 'certs', 'rotate', inventory, '--yes');
    t.deepEqual(await listOf({ ...cluster, clients: following }), list);
    const former = await shownBy(cluster.clients);
    t.true(former.every(({ answers }) => answers === servesAll));
    const { failedWrites, lost, acknowledged, missedEvents } = await observer.stop();
    t.deepEqual(
      { failedWrites, lost, missedEvents },
      { failedWrites: [], lost: [], missedEvents: [] },
    );
    t.true(acknowledged > 0);
  },
});

const named = (...names: readonly string[]) => LAYOUTS.filter(({ name }) => names.includes(name));

for (const layout of extent(named('red-hat', 'kubespray'), 1)) test.serial(keyless, layout, false);
for (const layout of extent(named('ansible-https', 'usr-local'), 1))
  test.serial(keyless, layout, true);
