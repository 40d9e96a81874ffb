import { join } from 'node:path';
import test from 'ava';
import { adopted, rootWords } from '../foreign/adopted.ts';
import { builtMess } from '../foreign/built.ts';
import { MESSES } from '../foreign/messes.ts';
import { ok } from '../lab/migration.ts';
import { betweenLeaders } from '../observer/between-leaders.ts';
import { kvClient } from '../observer/kv-client.ts';
import { extent } from './extent.ts';

// What somebody's hands left of a cluster: adopt names it, up goes no further than is safe, and what is offered helps.

/** What is said of a mess, and what leads out of it. */
interface Expected {
  /** By adopt, on either stream. */
  readonly adopt: RegExp;
  /** By up, which refuses; undefined where up itself mends it. */
  readonly refuses?: RegExp;
  /** Replaces the member that up names. */
  readonly replaces?: boolean;
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  'copied-disk': {
    adopt: /has a log of cluster [0-9a-f]+ and is none of its members|runs on a log of cluster/,
    refuses: /hold the data of one and the same member [\s\S]*member replace \S+ etcd-service3/,
    replaces: true,
  },
  'old-database': {
    adopt: /etcd-service3: etcd\.service does not run/,
    refuses: /member replace \S+ etcd-service3/,
    replaces: true,
  },
  'half-downgrade': { adopt: /a downgrade to 3\.5\S* was enabled and is not finished/ },
};

for (const mess of extent(
  MESSES.filter(({ name }) => EXPECTED[name] !== undefined),
  1,
))
  test.serial(`adopt: ${mess.name} is named, and what is offered brings it in order`, async (t) => {
    t.timeout(900_000);
    const place = await builtMess(t, mess);
    const { lab, cluster, written } = place;
    const { adopt, refuses, replaces } = EXPECTED[mess.name] ?? { adopt: /^$/ };
    const inventory = await adopted(t, place, cluster);
    const seen = await lab.provision([
      ...['adopt', cluster.members[0]?.host.address ?? '', ...rootWords(place)],
    ]);
    t.regex(seen.stdout, adopt);
    if (refuses !== undefined) {
      const refused = await lab.provision(['up', inventory, '--yes']);
      t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
      t.regex(refused.stderr, refuses);
    }
    if (replaces === true)
      ok(t, await lab.provision(['member', 'replace', inventory, 'etcd-service3', '--yes']));
    ok(t, await lab.provision(['up', inventory, '--yes']));
    ok(t, await lab.provision(['plan', inventory, '--exit-code']));
    for (const endpoint of cluster.clients) {
      const client = kvClient(endpoint);
      try {
        const found = await betweenLeaders(() => client.range('\0', '\0', 2000, 10_000));
        const own = found.filter(({ key }) => !key.startsWith('provision/'));
        t.deepEqual(own, written);
      } finally {
        client.close();
      }
    }
  });

test.serial(
  'adopt: a cluster that was changed to https by its files alone is refused by name',
  async (t) => {
    t.timeout(600_000);
    const mess = MESSES.find(({ name }) => name === 'https-over-http');
    if (mess === undefined) throw new TypeError('a mess of two protocols');
    const place = await builtMess(t, mess);
    const { lab, site, cluster } = place;
    const { exitCode, stderr } = await lab.provision([
      ...['adopt', cluster.members[0]?.host.address ?? '', ...rootWords(place)],
      ...['--out', join(site.directory, 'inventory.yaml')],
    ]);
    t.is(exitCode, 3, stderr);
    t.regex(
      stderr,
      /is told to speak https with its peers, and its log knows them by http: members do not reach each other/,
    );
    t.regex(stderr, /next: have the settings on all hosts say http again/);
  },
);
