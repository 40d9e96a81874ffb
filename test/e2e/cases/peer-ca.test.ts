import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { desiredCa, desiredPeerCa } from '../../../src/desired/certificates.ts';
import { readInventory } from '../../../src/inventory/read.ts';
import { authorityDirectory } from '../../../src/pki/ca/authority.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { fillOrder } from '../../../src/pki/issue/order.ts';
import { privateKeyPem } from '../../../src/pki/keys/key-files.ts';
import { type CertsCluster, certsCluster, pairIn } from '../lab/certs-cluster.ts';
import { useLab } from '../lab/lab.ts';
import { ok, unharmed } from '../lab/migration.ts';
import { startOperator } from '../lab/operator.ts';
import { observe } from '../observer/observer.ts';
import { type ClientPair, meet } from '../observer/tls-client.ts';
import { everything, extent } from './extent.ts';

const DAY = 86_400_000;
const LOCKED = 5;
const SHARED = 'pki: { peerCa: shared }\n';
const P256 = { algo: 'ecdsa', size: 256 } as const;

const VERSIONS = extent(['3.5.30', '3.3.25', '3.4.23', '3.5.16', '3.6.14'], 1);
const lab = useLab({ count: 3 });

for (const etcd of VERSIONS) {
  test.serial(
    `up: peers of a new cluster of etcd ${etcd} refuse every certificate that is not a peer's`,
    async (t) => {
      t.timeout(600_000);
      const cluster = await certsCluster(t, lab.current, { etcd, count: 3 });
      const { inventory } = await readInventory(cluster.inventory);
      const past = new Date(Date.now() - 2 * DAY);
      const peerCa = desiredPeerCa(inventory);
      if (peerCa === undefined) return t.fail('a new cluster has a CA for peers');
      await createCa(authorityDirectory(cluster.store, 'peer'), peerCa, past);
      await createCa(cluster.store, desiredCa(inventory), past);
      ok(t, await cluster.run('up'));
      await refusesClients(t, cluster);

      const before = await cluster.runs();
      ok(t, await cluster.run('certs', 'rotate', '--name', 'peer'));
      await refusesClients(t, cluster);
      t.deepEqual(await cluster.runs(), before);
      t.like(JSON.parse((await cluster.run('up', '--json')).stdout), { changed: false });
      ok(t, await lab.current.provision(['certs', 'verify', cluster.inventory]));
    },
  );
}

test.serial(
  'certs rotate-ca --split: killed and run again, no write fails, and peers refuse clients afterwards',
  async (t) => {
    t.timeout(900_000);
    const { provision, inventory: write } = lab.current;
    const cluster = await certsCluster(t, lab.current, { etcd: '3.5.30', count: 3, more: SHARED });
    ok(t, await cluster.run('up'));
    const [first] = cluster.hosts;
    if (first === undefined) return t.fail('three hosts have a first');
    t.true((await meet(first.address, 2380, cluster.admin)).answers);

    // An inventory that says nothing changes nothing of a running cluster; one that asks for more is told the way.
    const text = await readFile(cluster.inventory, 'utf8');
    const unstated = await write(`${cluster.name}-unstated.yaml`, text.replace(SHARED, ''));
    const asking = await write(
      `${cluster.name}-asking.yaml`,
      text.replace(SHARED, 'pki: { peerCa: separate }\n'),
    );
    t.like(JSON.parse((await provision(['up', unstated, '--yes', '--json'])).stdout), {
      changed: false,
    });
    const refused = await provision(['up', asking, '--yes']);
    t.is(refused.exitCode, 3);
    t.regex(refused.stderr, /peerCa: separate.*shared.*\n {2}next: .*certs rotate-ca \S+ --split/);

    const observer = observe(cluster.endpoints);
    const waves = everything
      ? [
          /^make the CA/m,
          /^(?:let \S+ trust both .*\n(?: .*\n)*){2}/m,
          /^see that peers trust/m,
          /^swap/m,
          /^end the/m,
          /^let \S+ trust the new/m,
        ]
      : [
          /\nlet \S+ trust both(?:.*\n)+? {2}\S+: restart/m,
          /\nswap the certificates of .*\n(?:.*\n)*?swap/m,
        ];
    for (const wave of waves) {
      const operator = await startOperator([
        'certs',
        'rotate-ca',
        asking,
        '--split',
        '--yes',
        '--lock-wait',
        '60',
      ]);
      await Promise.race([doing(operator, wave), operator.ended]);
      operator.kill('SIGKILL');
      await operator.ended;
    }
    await finish(t, () => provision(['certs', 'rotate-ca', asking, '--split', '--yes']));
    unharmed(t, await observer.stop(), 50);
    await refusesClients(t, cluster, false);
    for (const inventory of [unstated, asking])
      t.like(JSON.parse((await provision(['up', inventory, '--yes', '--json'])).stdout), {
        changed: false,
      });
    t.is((await provision(['up', cluster.inventory, '--yes'])).exitCode, 3);

    // An exchange that is killed after its last restart is finished by the same words, which begin no second one.
    const peer = ['certs', 'rotate-ca', unstated, '--peer', '--yes', '--lock-wait', '60'];
    const exchange = await startOperator([...peer, '--again']);
    await Promise.race([doing(exchange, /^see that clients are refused/m), exchange.ended]);
    exchange.kill('SIGKILL');
    await exchange.ended;
    const restarted = await cluster.runs();
    const shown = await provision(['status', unstated]);
    t.regex(
      shown.stdout,
      /change of the CA of the peers: unfinished, .*\n {2}next: finish it: provision certs rotate-ca \S+ --peer\n/,
    );
    t.is((await provision(['certs', 'rotate-ca', unstated, '--yes'])).exitCode, 3);
    for (const said of [/record in the store/, /: nothing to do\n/]) {
      const again = await provision(peer);
      ok(t, again);
      t.regex(again.stdout, said);
      t.regex(again.stdout, /\ndone: peers trust the new CA alone since/);
    }
    t.notRegex((await provision(['status', unstated])).stdout, /change of the CA of the peers/);
    t.deepEqual(await cluster.runs(), restarted);
    await refusesClients(t, cluster, false);
    ok(t, await provision(['certs', 'list', unstated]));
    ok(t, await provision(['certs', 'verify', unstated]));
    await writeFile(cluster.inventory, text.replace(SHARED, ''));
  },
);

/** Meets every listener with a certificate of each kind, by a client of our own. */
async function refusesClients(
  t: ExecutionContext,
  cluster: CertsCluster,
  withExpired = true,
): Promise<void> {
  const { store, hosts } = cluster;
  const [host] = hosts;
  if (host === undefined) return t.fail('three hosts have a first');
  const directory = await mkdtemp(join(tmpdir(), 'provision-peer-ca-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const peerStore = authorityDirectory(store, 'peer');
  // etcd compares a certificate's names with where its holder dials from: this machine, at the lab's bridge.
  const here = host.address.replace(/\d+$/, '1');
  const made = async (name: string, from: string, profile: 'peer' | 'client', at = new Date()) => {
    const subject = [{ type: 'CN', value: host.name }];
    const order = { profile, subject, names: [here], hours: 1 };
    const { certificate, privateKey } = await fillOrder(
      order,
      P256,
      await unlockCa(from, new Date()),
      at,
    );
    await writeFile(join(directory, `${name}.crt`), certificate);
    await writeFile(join(directory, `${name}.key`), privateKeyPem(privateKey).reveal(), {
      mode: 0o600,
    });
    return pairIn(directory, name);
  };
  const other = join(directory, 'other');
  const subject = [{ type: 'CN', value: 'another cluster' }];
  await createCa(other, { subject, key: P256, hours: 24 }, new Date());
  const yesterday = new Date(Date.now() - DAY);

  type Kind = readonly [pair: ClientPair | undefined, atClientPort: boolean, atPeerPort: boolean];
  const kinds: Readonly<Record<string, Kind>> = {
    admin: [cluster.admin, true, false],
    server: [pairIn(join(store, host.name), 'server'), true, false],
    'healthcheck-client': [pairIn(join(store, host.name), 'healthcheck-client'), true, false],
    issued: [await cluster.issued(t, 'app'), true, false],
    'with the names of a peer': [await made('forged', store, 'peer'), true, false],
    'peer, from elsewhere': [pairIn(join(store, host.name), 'peer'), false, false],
    'a new peer': [await made('new', peerStore, 'peer'), false, true],
    'of another cluster': [await made('stranger', other, 'peer'), false, false],
    // Go takes a CA that it trusts for a client; the holder of its key can make one anyway.
    'the CA of clients itself': [pairIn(store, 'ca'), true, false],
    'self-signed': [pairIn(other, 'ca'), false, false],
    none: [undefined, false, false],
    ...(withExpired && {
      'an expired client': [await made('late', store, 'client', yesterday), false, false],
      'an expired peer': [await made('late-peer', peerStore, 'peer', yesterday), false, false],
    }),
  };
  for (const { address, name } of hosts) {
    const seen = await Promise.all(
      Object.entries(kinds).map(async ([kind, [pair]]) => {
        const [client, peer] = await Promise.all([
          meet(address, 2379, pair),
          meet(address, 2380, pair),
        ]);
        return [kind, [client.answers, peer.answers]] as const;
      }),
    );
    t.deepEqual(
      Object.fromEntries(seen),
      Object.fromEntries(Object.entries(kinds).map(([kind, [, ...wanted]]) => [kind, wanted])),
      name,
    );
  }
}

/** Resolves once the run does what the pattern says, the plan being printed first. */
async function doing(
  operator: Awaited<ReturnType<typeof startOperator>>,
  pattern: RegExp,
): Promise<void> {
  while (operator.process.exitCode === null && operator.process.signalCode === null) {
    const said = operator.said();
    const begun = said.lastIndexOf('then wait until');
    if (begun >= 0 && pattern.test(said.slice(begun + 1))) return;
    await new Promise((resolve) => operator.process.stdout?.once('data', resolve));
  }
}

/** The lock of a run that was killed goes with its connection, which takes a moment. */
async function finish(
  t: ExecutionContext,
  run: () => Promise<{ exitCode: number; stdout: string; stderr: string }>,
): Promise<void> {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const ended = await run();
    if (ended.exitCode === LOCKED) continue;
    return ok(t, ended);
  }
  t.fail('the lock was never free');
}
