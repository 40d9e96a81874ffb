import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { desiredCa, desiredCertificates } from '../../../src/desired/certificates.ts';
import { readInventory } from '../../../src/inventory/read.ts';
import { inside } from '../../../src/lab/host.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { sh } from '../../../src/shell/command.ts';
import {
  all,
  type CertsCluster,
  certsCluster,
  keep,
  none,
  PAUSED,
  pairIn,
  serialsIn,
} from '../lab/certs-cluster.ts';
import { impostor } from '../lab/impostor.ts';
import { useLab } from '../lab/lab.ts';
import { ok, unharmed } from '../lab/migration.ts';
import { startOperator } from '../lab/operator.ts';
import type { ProtocolWish } from '../lab/protocol-cluster.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import type { ClientPair } from '../observer/tls-client.ts';
import { everything, extent } from './extent.ts';

const DAY = 86_400_000;
const LOCKED = 5;
/** One CA for both listeners, as in clusters from before there were two. */
const SHARED = 'pki: { peerCa: shared }\n';

const LIVES = extent(
  [
    { etcd: '3.5.30', count: 3 },
    { etcd: '3.3.25', count: 3 },
    { etcd: '3.4.23', count: 3 },
    { etcd: '3.6.14', count: 3 },
    { etcd: '3.5.30', count: 5 },
    { etcd: '3.3.25', count: 5 },
    { etcd: '3.4.23', count: 5 },
    { etcd: '3.6.14', count: 5 },
  ],
  2,
);
const lab = useLab({ count: Math.max(...LIVES.map(({ count }) => count)) });

for (const wish of LIVES) {
  test.serial(
    `certs: ${wish.count} members of etcd ${wish.etcd}: rotated, under a new CA, one client revoked, and no write fails`,
    async (t) => {
      t.timeout(600_000);
      const cluster = await running(t, wish);
      const { inventory, run } = cluster;
      const since = Date.now();
      const observer = observe(cluster.endpoints);

      const before = await cluster.runs();
      const old = await cluster.serials();
      const rotated = await run('certs', 'rotate', '--json');
      ok(t, rotated);
      t.log(`rotate: ${JSON.parse(rotated.stdout).seconds.toFixed(1)} s`);
      t.deepEqual(await cluster.runs(), before);
      const rotatedTo = await cluster.serials();
      t.deepEqual(
        rotatedTo.filter((serial) => old.includes(serial)),
        [],
      );
      t.deepEqual(rotatedTo, await cluster.stored());

      const former = await keep(t, cluster.admin);
      const renewed = await run('certs', 'rotate-ca', '--json', '--window', '1');
      t.is(renewed.exitCode, PAUSED, renewed.stderr);
      t.log(`rotate-ca: ${JSON.parse(renewed.stdout).seconds.toFixed(1)} s`);
      t.deepEqual(await cluster.serials(), await cluster.stored());
      t.deepEqual(await cluster.answers(former), all(wish.count));
      ok(t, await run('certs', 'rotate-ca', ...cluster.finish));
      t.deepEqual(await cluster.serials(), await cluster.stored());
      const wrong = await cluster.issued(t, 'wrong', '--profile', 'server', '--host', 'wrong.test');
      t.deepEqual(await cluster.answers(former), none(wish.count));
      t.deepEqual(await cluster.answers(undefined), none(wish.count));
      t.deepEqual(await cluster.answers(wrong), none(wish.count));
      t.deepEqual(await cluster.answers(cluster.admin), all(wish.count));

      const [first, second] = [await cluster.issued(t, 'first'), await cluster.issued(t, 'second')];
      t.deepEqual(await cluster.answers(second), all(wish.count));
      ok(t, await run('certs', 'revoke', '--file', first.certFile));
      t.deepEqual(await cluster.answers(first), none(wish.count));
      t.deepEqual(await cluster.answers(second), all(wish.count));
      const settled = await cluster.runs();
      ok(t, await run('certs', 'revoke', '--file', second.certFile));
      t.deepEqual(await cluster.answers(second), none(wish.count));
      t.deepEqual(await cluster.answers(cluster.admin), all(wish.count));
      t.deepEqual(await cluster.runs(), settled);

      t.is((await run('certs', 'revoke', '--id', 'admin')).exitCode, 3);

      unharmed(t, await observer.stop(), 50);
      await oneAtATime(t, lab.current.hosts.slice(0, wish.count), since);
      t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
      const list = await lab.current.provision(['certs', 'list', inventory]);
      ok(t, list);
    },
  );
}

test.serial(
  'certs rotate-ca: killed again and again it finishes, from RSA to ECDSA, under an encrypted key',
  async (t) => {
    t.timeout(900_000);
    const env = { CA_PASSPHRASE: '密码 of three words' };
    const rsa = 'pki: { peerCa: shared, key: { algo: rsa, size: 2048 } }\n';
    const { provision, inventory: write } = lab.current;
    const cluster = await certsCluster(t, lab.current, { etcd: '3.5.30', count: 3, more: rsa });
    const from = ['--passphrase-from', 'env:CA_PASSPHRASE'];
    ok(t, await provision(['certs', 'init-ca', cluster.inventory, '--encrypt', ...from], { env }));
    ok(t, await provision(['up', cluster.inventory, '--yes', ...from], { env }));
    const text = await readFile(cluster.inventory, 'utf8');
    const ecdsa = await write(`${cluster.name}-ecdsa.yaml`, text.replace(rsa, ''));
    const observer = observe(cluster.endpoints);

    const unanswered = await provision(['certs', 'rotate-ca', ecdsa, '--yes']);
    t.is(unanswered.exitCode, 2);
    t.regex(unanswered.stderr, /ca\.key needs a passphrase.*\n {2}next: add --passphrase-from/);

    // After every step, or where only a few stand for the rest, in every wave.
    const step = everything
      ? /^ {2}\S+: .* \(\d+\.\d s\)$/gm
      : /^(?:make|let|see|swap|end|issue|record) .+$/gm;
    const seen = new Set<string>();
    let kills = 0;
    let isHalf = false;
    for (let attempt = 0; attempt < 80; attempt += 1) {
      const words = ['certs', 'rotate-ca', ecdsa, '--yes', ...from];
      const asked = isHalf ? cluster.finish : ['--window', '1'];
      const operator = await startOperator([...words, ...asked], { env });
      const done = new Promise<boolean>((resolve) => {
        operator.process.stdout?.on('data', () => {
          const fresh = steps(operator.said(), step).find((one) => !seen.has(one));
          if (fresh === undefined) return;
          seen.add(fresh);
          if (!everything && seen.size % 2 === 0) return;
          kills += 1;
          operator.kill('SIGKILL');
          resolve(false);
        });
        operator.ended.then(() => resolve(true));
      });
      const finished = await done;
      const { exitCode, stdout, stderr } = await operator.ended;
      // The lock of a run that was killed goes with its connection, which takes a moment.
      if (!finished || exitCode === LOCKED) continue;
      if (!isHalf) {
        t.is(exitCode, PAUSED, `${stdout}\n${stderr}`);
        isHalf = true;
        continue;
      }
      ok(t, { exitCode: exitCode ?? 1, stdout, stderr });
      break;
    }
    t.log(`killed ${kills} times`);
    t.true(kills > 4);
    ok(t, await provision(['up', ecdsa, '--yes'], { env }));
    unharmed(t, await observer.stop(), 50);
    t.regex(await readFile(join(cluster.store, 'ca.key'), 'utf8'), /^-----BEGIN ENCRYPTED/);
    const kinds = await Promise.all(
      ['ca', 'admin', ...cluster.hosts.map(({ name }) => `${name}/server`)].map(
        async (id) =>
          inspectCertificate(await readFile(join(cluster.store, `${id}.crt`), 'utf8')).key.algo,
      ),
    );
    t.deepEqual([...new Set(kinds)], ['ecdsa']);
  },
);

test.serial(
  'certs rotate: a member that shows another certificate gets its old pair back, the others keep theirs',
  async (t) => {
    t.timeout(300_000);
    const cluster = await running(t, { etcd: '3.5.30', count: 3 });
    const { run, hosts } = cluster;
    // The leader is always last, so one of the first two is not the last.
    const [victim] = hosts;
    if (victim === undefined) throw new Error('three hosts have a first');
    const old = await keep(t, hostPair(victim.root, 'peer'));
    const files = await installed(hosts);
    const before = await cluster.runs();

    const end = await impostor(victim, old);
    t.teardown(end);
    const failed = await run('certs', 'rotate');
    t.is(failed.exitCode, 1);
    t.regex(
      failed.stderr,
      new RegExp(`${victim.name}: its peer port shows [0-9A-F]+, not the new`),
    );
    const now = await installed(hosts);
    t.is(now[0], files[0]);
    await end();

    ok(t, await run('certs', 'rotate'));
    t.deepEqual(await cluster.runs(), before);
    t.deepEqual(await cluster.serials(), await cluster.stored());
  },
);

test.serial(
  'certs rotate-ca: the old CA stays trusted as long as a listener shows a certificate of it',
  async (t) => {
    t.timeout(300_000);
    const cluster = await running(t, { etcd: '3.5.30', count: 3 });
    const { run, hosts, inventory } = cluster;
    const pairs = await Promise.all(hosts.map(({ root }) => keep(t, hostPair(root, 'peer'))));
    const words = ['certs', 'rotate-ca', inventory, '--yes', '--window', '1'];
    const operator = await startOperator(words);
    await operator.says(/(\nswap the certificates of (.|\n)*){3}/);
    operator.kill('SIGKILL');
    await operator.ended;
    const swapped = /\nswap the certificates of (\S+)/.exec(operator.said())?.[1];
    const at = hosts.findIndex(({ name }) => name === swapped);
    const [host, pair] = [hosts[at], pairs[at]];
    if (host === undefined || pair === undefined) throw new Error(`no host ${swapped}`);

    const end = await impostor(host, pair);
    t.teardown(end);
    t.is((await run('certs', 'rotate-ca', '--window', '1')).exitCode, PAUSED);
    const refused = await run('certs', 'rotate-ca', ...cluster.finish);
    t.is(refused.exitCode, 1);
    t.regex(refused.stderr, new RegExp(`${host.name}: its peer port shows [0-9A-F]+, not the new`));
    t.deepEqual(await cas(cluster.store), ['previous-ca']);
    for (const { root } of hosts)
      t.is((await readFile(join(root, 'etc/etcd/pki/ca.crt'), 'utf8')).split('BEGIN').length, 3);

    await end();
    ok(t, await cluster.rotateCa());
    t.regex((await cas(cluster.store)).join(), /^retired-ca-\S+$/);
  },
);

for (const [command, stopped] of [
  [['certs', 'rotate'], false],
  [['certs', 'rotate'], true],
  [['up'], true],
] as const) {
  test.serial(
    `${command.join(' ')}: reissues leaves that have expired, members ${stopped ? 'waiting for quorum in vain' : 'still running'}`,
    async (t) => {
      t.timeout(300_000);
      const cluster = await certsCluster(t, lab.current, {
        ...{ etcd: '3.5.30', count: 3, more: SHARED },
      });
      const { inventory } = await readInventory(cluster.inventory);
      const past = new Date(Date.now() - 370 * DAY);
      await createCa(cluster.store, desiredCa(inventory), new Date(past.getTime() - DAY));
      ok(t, await cluster.run('up'));
      const ca = await unlockCa(cluster.store, new Date());
      for (const one of desiredCertificates(inventory)) await issue(cluster.store, one, past, ca);
      for (const { name, root } of cluster.hosts) {
        for (const file of await readdir(join(cluster.store, name)))
          await copyFile(join(cluster.store, name, file), join(root, 'etc/etcd/pki', file));
      }
      if (stopped) {
        for (const host of cluster.hosts)
          await inside(host, sh`systemctl stop etcd; systemctl start --no-block etcd`);
      }
      t.deepEqual(await cluster.answers(cluster.admin), none(3));
      ok(t, await cluster.run(...command));
      t.deepEqual(await cluster.answers(cluster.admin), all(3));
      t.like(JSON.parse((await cluster.run('up', '--json')).stdout), { changed: false });
    },
  );
}

test.serial(
  'up: another name or wildcard makes exactly the affected leaves be issued again, without a restart',
  async (t) => {
    t.timeout(300_000);
    const cluster = await running(t, { etcd: '3.5.30', count: 3 });
    const { hosts } = cluster;
    const text = await readFile(cluster.inventory, 'utf8');
    const before = await cluster.runs();
    const ids = (names: readonly string[]) =>
      names.flatMap((name) => [`${name}/peer`, `${name}/server`]).sort();

    const [first] = hosts.map(({ name }) => name);
    const withAddress = text.replace(/(address: [\d.]+)( \})/, '$1, addresses: [10.9.8.7]$2');
    t.deepEqual(await changed(cluster, withAddress), ids([first ?? '']));
    const withWildcard = withAddress.replace(
      SHARED,
      SHARED.replace(' }', ', sans: ["*.etcd.svc"] }'),
    );
    t.deepEqual(await changed(cluster, withWildcard), ids(hosts.map(({ name }) => name)));
    t.deepEqual(await changed(cluster, withAddress), ids(hosts.map(({ name }) => name)));
    t.deepEqual(await changed(cluster, withAddress), []);
    t.deepEqual(await cluster.runs(), before);
    t.deepEqual(await cluster.serials(), await cluster.stored());
  },
);

/** The same, brought up. */
async function running(t: ExecutionContext, wish: ProtocolWish): Promise<CertsCluster> {
  const cluster = await certsCluster(t, lab.current, { more: SHARED, ...wish });
  ok(t, await cluster.run('up'));
  return cluster;
}

/** Runs up with this inventory and says which certificates it issued again. */
async function changed(
  { inventory, store, run }: CertsCluster,
  text: string,
): Promise<readonly string[]> {
  const before = await serialsIn(store);
  await writeFile(inventory, text);
  const ended = await run('up');
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
  const after = await serialsIn(store);
  return [...after].filter(([id, serial]) => before.get(id) !== serial).map(([id]) => id);
}

async function installed(hosts: CertsCluster['hosts']): Promise<readonly string[]> {
  return Promise.all(hosts.map(({ root }) => readFile(hostPair(root, 'peer').certFile, 'utf8')));
}

/** Directories of CAs beside the one that signs. */
async function cas(store: string): Promise<readonly string[]> {
  return (await readdir(store)).filter((name) => name.includes('-ca'));
}

function hostPair(root: string, row: string): ClientPair {
  return pairIn(join(root, 'etc/etcd/pki'), row);
}

function steps(said: string, pattern: RegExp): readonly string[] {
  // The plan is printed first; what is done comes after its last gate.
  const doing = said.slice(said.lastIndexOf('then wait until') + 1);
  return [...doing.matchAll(pattern)].map(([line]) => line.replace(/ \(\d+\.\d s\)$/, ''));
}
