import test, { type ExecutionContext } from 'ava';
import { adopted, rootWords } from '../foreign/adopted.ts';
import { asTheyAre, listOf, ofAll, started } from '../foreign/as-they-are.ts';
import { type Built, built } from '../foreign/built.ts';
import type { ForeignCluster, ForeignMember, Layout } from '../foreign/cluster.ts';
import { TAKEN_OVER } from '../foreign/layouts.ts';
import { onHost } from '../foreign/on-host.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { extent } from './extent.ts';

// What somebody else built, managed as it is: nothing of theirs is written, and nobody is restarted.

const GUARD = '90-provision-guard.conf';

const filesOf = ({ client, peer }: ForeignMember) =>
  [client, peer].flatMap((tls) => (tls === undefined ? [] : [tls.cert, tls.key]));

/** The same without the guard of ours, and where certificates were rotated without those. */
const theirs = async (member: ForeignMember, isRotated = false) => {
  const told = await asTheyAre(member);
  const rotated = isRotated ? filesOf(member) : [];
  return told
    .split('\n')
    .filter((line) => line.startsWith('DropInPaths=') || !line.includes(GUARD))
    .filter((line) => !rotated.some((file) => line.includes(file)))
    .map((line) => line.replace(new RegExp(` ?[^ =]*${GUARD}`), ''))
    .join('\n');
};

const pairsOf = (member: ForeignMember) =>
  onHost(
    member.host,
    `for file in ${filesOf(member).join(' ')}; do stat -L -c '%a %U:%G' $file; sha256sum $file; done`,
  );

interface Kept extends Built {
  readonly cluster: ForeignCluster;
  readonly inventory: string;
}

async function keeping(t: ExecutionContext, layout: Layout): Promise<Kept> {
  const place = await built(t, layout);
  const [cluster] = place.clusters;
  if (cluster === undefined) throw new TypeError(`${layout.name} builds a cluster`);
  const reach = [...rootWords(place), '--layout', 'keep'];
  return { ...place, cluster, inventory: await adopted(t, place, cluster, reach) };
}

/** Without its data the unit does not start, and with it again it does. */
async function guards(t: ExecutionContext, { host, unit, data, wal }: ForeignMember) {
  const log = wal ?? `${data}/member/wal`;
  const said = await onHost(
    host,
    `systemctl stop ${unit}; mv ${log} /root/away; mkdir -p ${log}; chown --reference=/root/away ${log}
systemctl start ${unit} >/dev/null 2>&1; sleep 2
systemctl show -p MainPID --value ${unit}; ls -A ${log}
rm -rf ${log}; mv /root/away ${log}
systemctl reset-failed ${unit} 2>/dev/null; systemctl start ${unit}; systemctl is-active ${unit}`,
  );
  t.is(said.trim(), '0\nactive');
}

const kept = test.macro({
  title: (_, layout: Layout) =>
    `${layout.name}: is kept as it is, guarded, backed up and its certificates renewed`,
  async exec(t, layout: Layout) {
    t.timeout(600_000);
    const { lab, cluster, inventory } = await keeping(t, layout);
    const [before, starts, list, pairs] = [
      await ofAll(cluster, theirs),
      await ofAll(cluster, started),
      await listOf(cluster),
      await ofAll(cluster, pairsOf),
    ];
    const run = async (code: number, ...words: readonly string[]) => {
      const ended = await lab.provision(words);
      t.is(ended.exitCode, code, ended.stdout + ended.stderr);
      return ended.stdout + ended.stderr;
    };
    const observer = observe(cluster.clients);
    await run(0, 'up', inventory, '--yes');
    t.deepEqual(await ofAll(cluster, theirs), before);
    t.deepEqual(await ofAll(cluster, started), starts);
    t.regex(await run(0, 'plan', inventory, '--exit-code'), /nothing to do/);
    await run(0, 'status', inventory);
    await run(0, 'snapshot', 'save', inventory);

    const isSecure = cluster.ca !== undefined;
    // Two clusters on the same hosts may show one file.
    const isShared = layout.name === 'kubespray';
    const to = isSecure ? ['http', '--accept-plaintext'] : ['https'];
    t.regex(await run(3, 'migrate', inventory, '--to', ...to, '--yes'), /layout: keep/);
    if (isSecure) {
      t.regex(await run(3, 'certs', 'rotate-ca', inventory, '--yes'), /layout: keep/);
      if (isShared) t.regex(await run(3, 'certs', 'rotate', inventory, '--yes'), /another etcd/);
      t.deepEqual(await ofAll(cluster, pairsOf), pairs);
      if (!isShared) {
        await run(0, 'certs', 'rotate', inventory, '--yes');
        const rotated = await ofAll(cluster, pairsOf);
        const shape = (all: readonly string[]) =>
          all.map((one) => one.replaceAll(/[0-9a-f]{64}/g, ''));
        t.deepEqual(shape(rotated), shape(pairs), 'mode and owner are as they were');
        t.true(rotated.every((one, at) => one !== pairs[at]));
        await run(0, 'certs', 'list', inventory);
        await run(0, 'certs', 'verify', inventory);
      }
      t.regex(await run(0, 'plan', inventory, '--exit-code'), /nothing to do/);
    }
    const { failedWrites, lost, acknowledged, missedEvents } = await observer.stop();
    t.deepEqual(
      { failedWrites, lost, missedEvents },
      { failedWrites: [], lost: [], missedEvents: [] },
    );
    t.true(acknowledged > 0);
    t.deepEqual(await ofAll(cluster, started), starts);
    t.deepEqual(await listOf(cluster), list);

    const [member] = cluster.members;
    if (member !== undefined) await guards(t, member);
    await run(0, 'adopt', '--undo', inventory, '--yes');
    const isRotated = isSecure && !isShared;
    t.deepEqual(
      await ofAll(cluster, (one) => theirs(one, isRotated)),
      before.map((told, at) =>
        told
          .split('\n')
          .filter(
            (line) =>
              !isRotated ||
              !filesOf(cluster.members[at] as ForeignMember).some((file) => line.includes(file)),
          )
          .join('\n'),
      ),
    );
    t.notRegex((await ofAll(cluster, asTheyAre)).join('\n'), new RegExp(GUARD));
    const client = kvClient(cluster.clients[0] ?? { url: '' });
    t.teardown(() => client.close());
    await client.put('after', 'all', 5000);
  },
});

for (const layout of extent(TAKEN_OVER, 1)) test.serial(kept, layout);
