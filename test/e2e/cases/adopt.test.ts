import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { rootWords } from '../foreign/adopted.ts';
import { type Built, built } from '../foreign/built.ts';
import type { ForeignCluster } from '../foreign/cluster.ts';
import { LAYOUTS } from '../foreign/layouts.ts';
import { listedMembers } from '../observer/listed-members.ts';
import { everyFile, unitRun } from '../observer/seen.ts';
import { extent } from './extent.ts';

/** What adopt must leave as it is: files, runs of units, the list of members. */
async function look({ lab, clusters }: Built): Promise<readonly unknown[]> {
  const data = clusters.flatMap(({ members }) =>
    // A path that ends with a slash is none that find would pass over.
    members.flatMap(({ data, wal = data }) => [data, wal].map((one) => one.replace(/\/$/, ''))),
  );
  return [
    ...(await Promise.all(lab.hosts.map((host) => everyFile(host, data)))),
    ...(await Promise.all(
      clusters.flatMap(({ members }) =>
        members.map(({ host, unit = 'none' }) => unitRun(host, unit)),
      ),
    )),
    ...(await Promise.all(
      clusters.flatMap(({ clients }) => clients.slice(0, 1).map(listedMembers)),
    )),
  ];
}

/** What tells a certificate from every other. */
function mark(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

/** The inventory says of the cluster what its builder says; the name that it has there. */
function saysTheSame(t: ExecutionContext, text: string, cluster: ForeignCluster): string {
  const { inventory } = parseInventory(text, 'adopted');
  const { members, version, token } = cluster;
  const sorted = [...members].sort((one, other) => (one.name < other.name ? -1 : 1));
  t.deepEqual(
    inventory.members.map(({ name, address }) => ({ name, address })),
    sorted.map(({ name, peerUrl }) => ({ name, address: new URL(peerUrl).hostname })),
  );
  const [first] = members;
  t.like(inventory, {
    protocol: first?.peerUrl.startsWith('https:') ? 'https' : 'http',
    // Without a token etcd has one of its own, which names nobody's cluster.
    cluster: token === 'etcd-cluster' ? first?.unit : token.replaceAll('_', '-'),
  });
  t.like(inventory.etcd, {
    ...{ version, unit: first?.unit, user: first?.account },
    ports: {
      client: Number(new URL(cluster.clients[0]?.url ?? '').port),
      peer: Number(new URL(first?.peerUrl ?? '').port),
    },
  });
  t.is(inventory.etcd.paths.data, (first?.data ?? '').replace(/\/$/, ''));
  return inventory.cluster;
}

for (const layout of extent(LAYOUTS, 2))
  test.serial(
    `adopt: describes what ${layout.name} has built, from one of its hosts`,
    async (t) => {
      t.timeout(600_000);
      const all = await built(t, layout);
      const { lab, clusters } = all;
      const before = await look(all);
      for (const [at, cluster] of clusters.entries()) {
        const out = join(lab.paths.directory, `adopted-${at}.yaml`);
        const [first] = cluster.members;
        const words = [
          ...['adopt', first?.host.address ?? '', '--out', out, ...rootWords(all)],
          ...(cluster.ca === undefined ? [] : ['--ca-key', cluster.ca.key]),
          ...(clusters.length > 1 ? ['--unit', first?.unit ?? ''] : []),
        ];
        const { exitCode, stdout, stderr } = await lab.provision(words);
        t.is(exitCode, 0, stdout + stderr);
        t.log(stdout);
        const name = saysTheSame(t, await readFile(out, 'utf8'), cluster);

        if (cluster.ca !== undefined) {
          const store = join(lab.paths.directory, `${name}.pki`);
          t.deepEqual((await readdir(store)).sort(), [
            ...['admin.crt', 'admin.key', 'ca.crt', 'ca.key'],
            ...['issued.jsonl', 'trust.pem'],
          ]);
          t.is(
            mark(await readFile(join(store, 'ca.crt'), 'utf8')),
            mark(await readFile(cluster.ca.certificate, 'utf8')),
          );
        }

        const again = await lab.provision(words);
        t.is(again.exitCode, 3);
        t.regex(again.stderr, /exists already and is left as it is/);
      }
      t.deepEqual(await look(all), before);
    },
  );
