import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import test from 'ava';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import { adopted } from '../foreign/adopted.ts';
import { asTheyAre, listOf, ofAll, started } from '../foreign/as-they-are.ts';
import { built } from '../foreign/built.ts';
import type { ForeignCluster } from '../foreign/cluster.ts';
import { kubespray } from '../foreign/layouts/kubespray.ts';
import { onHost } from '../foreign/on-host.ts';
import { ok, unharmed } from '../lab/migration.ts';
import { observe } from '../observer/observer.ts';

// Two clusters on the same hosts, both taken over: neither notices what is done to the other.

const NEWER = '3.5.30';

/** Where each member of a cluster has what it runs by, by its process. */
const places = (cluster: ForeignCluster) =>
  ofAll(cluster, ({ host, unit }) =>
    onHost(
      host,
      `pid=$(systemctl show -p MainPID --value ${unit})
systemctl show -p FragmentPath ${unit}; readlink /proc/$pid/exe
tr '\\0' '\\n' < /proc/$pid/environ | grep -E '^ETCD_(DATA_DIR|LISTEN_(CLIENT|PEER)_URLS|CERT_FILE)=' | sort`,
    ),
  );

test.serial(
  "kubespray's two clusters: taken over beside each other, given back bit by bit, one taken over again with a version of its own",
  async (t) => {
    t.timeout(900_000);
    const place = await built(t, kubespray);
    const { lab, clusters } = place;
    const [main, events] = clusters;
    if (main === undefined || events === undefined) throw new TypeError('two clusters');
    const before = await Promise.all(clusters.map((one) => ofAll(one, asTheyAre)));
    const lists = await Promise.all(clusters.map(listOf));
    const [ofMain, ofEvents] = [await adopted(t, place, main), await adopted(t, place, events)];
    t.is(dirname(ofMain), dirname(ofEvents));
    const run = async (...words: readonly string[]) => {
      const ended = await lab.provision(words);
      ok(t, ended);
      return ended.stdout;
    };
    const bothClean = async () => {
      for (const inventory of [ofMain, ofEvents]) await run('plan', inventory, '--exit-code');
    };

    const observers = clusters.map(({ clients }) => observe(clients));
    const untouched = await ofAll(events, started);
    await run('up', ofMain, '--yes');
    t.deepEqual(await ofAll(events, started), untouched);
    await run('up', ofEvents, '--yes');
    await bothClean();
    for (const [at, { host }] of main.members.entries()) {
      const [own, others] = [await places(main), await places(events)].map((all) => all[at]);
      t.true(
        own?.startsWith('FragmentPath=/etc/systemd/system/etcd.service\n/opt/etcd/3.5.16/etcd\n'),
        own,
      );
      t.true(
        others?.startsWith(
          'FragmentPath=/etc/systemd/system/etcd-events.service\n/opt/etcd/3.5.16/etcd\n',
        ),
        others,
      );
      t.regex(
        own ?? '',
        /ETCD_CERT_FILE="?\/etc\/etcd\/pki\/[\s\S]*ETCD_DATA_DIR="?\/var\/lib\/etcd"?\n/,
      );
      t.regex(
        others ?? '',
        /ETCD_CERT_FILE="?\/etc\/etcd-events\/pki\/[\s\S]*ETCD_DATA_DIR="?\/var\/lib\/etcd-events"?\n/,
      );
      t.is(
        await onHost(host, 'readlink /opt/etcd/etcd /opt/etcd/etcd-events'),
        '/opt/etcd/3.5.16\n/opt/etcd/3.5.16',
      );
    }

    const eventsRun = await ofAll(events, started);
    await run('adopt', '--undo', ofMain, '--yes');
    t.deepEqual(await ofAll(events, started), eventsRun);
    await run('plan', ofEvents, '--exit-code');
    await run('adopt', '--undo', ofEvents, '--yes');
    for (const observer of observers) unharmed(t, await observer.stop());
    t.deepEqual(await Promise.all(clusters.map((one) => ofAll(one, asTheyAre))), before);
    t.deepEqual(await Promise.all(clusters.map(listOf)), lists);
    for (const inventory of [ofMain, ofEvents])
      t.regex(await run('adopt', '--undo', inventory, '--yes'), /there is nothing to give back/);

    // Taken over once more with a version of its own, beside one that is somebody else's.
    const [old, newer] = [await ensureEtcd(events.version, t.log), await ensureEtcd(NEWER, t.log)];
    const text = await readFile(ofEvents, 'utf8');
    await writeFile(
      ofEvents,
      text
        .replace(`version: ${events.version}`, `version: ${NEWER}`)
        .replace(old.directory, newer.directory),
    );
    await run('up', ofEvents, '--yes');
    await run('plan', ofEvents, '--exit-code');
    t.deepEqual(await ofAll(main, asTheyAre), before[0]);
    const refused = await lab.provision(['adopt', '--undo', ofEvents, '--yes']);
    t.is(refused.exitCode, 3);
    t.regex(
      refused.stderr,
      /its version was 3\.5\.16 and is 3\.5\.30.*\n +next: leave the cluster/,
    );
  },
);
