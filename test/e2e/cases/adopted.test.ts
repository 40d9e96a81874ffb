import test from 'ava';
import { adopted } from '../foreign/adopted.ts';
import { asTheyAre, listOf, ofAll, started } from '../foreign/as-they-are.ts';
import { built } from '../foreign/built.ts';
import type { Layout } from '../foreign/cluster.ts';
import { TAKEN_OVER } from '../foreign/layouts.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { extent } from './extent.ts';

// What somebody else built, taken over under load and given back.

const taken = test.macro({
  title: (_, layout: Layout) =>
    `${layout.name}: is taken over without a lost write, and given back bit by bit`,
  async exec(t, layout: Layout) {
    t.timeout(600_000);
    const place = await built(t, layout);
    const [cluster] = place.clusters;
    if (cluster === undefined) throw new TypeError(`${layout.name} builds a cluster`);
    const { lab } = place;
    const [before, starts, list] = [
      await ofAll(cluster, asTheyAre),
      await ofAll(cluster, started),
      await listOf(cluster),
    ];
    const inventory = await adopted(t, place, cluster);
    t.deepEqual(await ofAll(cluster, asTheyAre), before);
    t.deepEqual(await ofAll(cluster, started), starts);

    const observer = observe(cluster.clients);
    const run = async (...words: readonly string[]) => {
      const ended = await lab.provision(words);
      t.is(ended.exitCode, 0, ended.stdout + ended.stderr);
    };
    await run('up', inventory, '--yes');
    await run('plan', inventory, '--exit-code');
    t.deepEqual(await listOf(cluster), list);
    await run('adopt', '--undo', inventory, '--yes');
    const { failedWrites, lost, acknowledged, missedEvents } = await observer.stop();
    t.deepEqual(
      { failedWrites, lost, missedEvents },
      { failedWrites: [], lost: [], missedEvents: [] },
    );
    t.true(acknowledged > 0);
    t.deepEqual(await ofAll(cluster, asTheyAre), before);
    t.deepEqual(await listOf(cluster), list);
    const client = kvClient(cluster.clients[0] ?? { url: '' });
    t.teardown(() => client.close());
    await client.put('after', 'all', 5000);
  },
});

for (const layout of extent(TAKEN_OVER, 2)) test.serial(taken, layout);
