import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { run as runHere } from '../../../src/lab/local-command.ts';
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
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { watchProcesses } from '../lab/processes.ts';
import { doInside } from '../lab/sabotage.ts';
import { observe } from '../observer/observer.ts';
import { everything } from './extent.ts';

const lab = useLab({ count: 4 });
const LOCKED = 5;
const REFUSED = 3;
const ROWS = ['healthcheck-client', 'peer', 'server'];
const CONSUMER = '/etc/reader/etcd';
const HOST = 'pki: { peerCa: shared, keys: host }\n';
const STORE = 'pki: { peerCa: shared, keys: store }\n';

test.serial(
  'pki.keys host: no key leaves its host while certificates are made, rotated and put under a new CA, and no write fails',
  async (t) => {
    t.timeout(900_000);
    const cluster = await described(t, `${HOST}${consumer()}`);
    const { store, run, hosts, inventory } = cluster;
    const state = await stateDirectory();
    const env = { XDG_STATE_HOME: state };
    const watched = watchProcesses();
    const first = await lab.current.provision(['up', inventory, '--yes'], { env });
    ok(t, first);
    const processes = await watched.end();

    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    const words = await keyLines([...hosts, reader()]);
    t.true(words.length >= 20 && processes.length > 100);
    t.deepEqual(holders(processes, words), [], 'argv and environment');
    t.deepEqual(holders([first.stdout, first.stderr], words), [], 'what was printed');
    t.deepEqual(await filesWith(words, [state, ...(await ownPlaces())]), []);
    await privateOnHosts(t, hosts);

    t.deepEqual(await cluster.answers(cluster.admin), all(3));
    t.deepEqual(await cluster.serials(), await cluster.stored());
    const before = await cluster.runs();
    const files = await Promise.all([...hosts, reader()].map(everyPkiFile));
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    t.deepEqual(await Promise.all([...hosts, reader()].map(everyPkiFile)), files);
    ok(t, await lab.current.provision(['certs', 'verify', inventory]));
    ok(t, await lab.current.provision(['certs', 'list', inventory]));
    const offline = await lab.current.provision(['certs', 'verify', inventory, '--offline']);
    t.regex(offline.stdout, /the keys of 10 are on their hosts: .*only a run without --offline/);

    const observer = observe(cluster.endpoints);
    const old = await cluster.serials();
    ok(t, await run('certs', 'rotate'));
    t.deepEqual(await cluster.runs(), before);
    const rotated = await cluster.serials();
    t.deepEqual(
      rotated.filter((serial) => old.includes(serial)),
      [],
    );
    t.deepEqual(rotated, await cluster.stored());
    const renewed = await keyLines([...hosts, reader()]);
    t.deepEqual(await inUse([...hosts, reader()], words), []);

    const former = await keep(t, cluster.admin);
    ok(t, await cluster.rotateCa());
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.deepEqual(await cluster.answers(former), none(3));
    t.deepEqual(await cluster.answers(cluster.admin), all(3));
    const someone = await cluster.issued(t, 'someone');
    ok(t, await run('certs', 'revoke', '--file', someone.certFile));
    t.deepEqual(await cluster.answers(someone), none(3));
    unharmed(t, await observer.stop(), 50);

    t.deepEqual(await inUse([...hosts, reader()], renewed), []);
    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    await privateOnHosts(t, hosts);
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    ok(t, await lab.current.provision(['certs', 'verify', inventory]));
  },
);

test.serial(
  'pki.keys host: a key that is gone or another one is seen, and made again',
  async (t) => {
    t.timeout(300_000);
    const cluster = await described(t, HOST);
    const { inventory, hosts, run, store } = cluster;
    ok(t, await run('up'));
    const [victim] = hosts;
    if (victim === undefined) throw new Error('three hosts have a first');
    const before = await cluster.runs();
    const serials = await serialsIn(store);

    await doInside(victim, sh`cd /etc/etcd/pki && cp healthcheck-client.key peer.key`);
    const verified = await lab.current.provision(['certs', 'verify', inventory]);
    t.is(verified.exitCode, 1);
    t.regex(
      verified.stdout,
      new RegExp(`${victim.name}/peer \\(file there\\): lies beside another`),
    );
    const plan = await lab.current.provision(['plan', inventory]);
    t.regex(
      plan.stdout,
      new RegExp(
        `${victim.name}: make the key of ${victim.name}/peer there, have its request signed here \\(its key is missing on the host\\)`,
      ),
    );
    ok(t, await run('up'));
    const now = await serialsIn(store);
    t.deepEqual(
      [...now].filter(([id, serial]) => serials.get(id) !== serial).map(([id]) => id),
      [`${victim.name}/peer`],
    );
    t.deepEqual(await cluster.runs(), before);
    t.deepEqual(await cluster.serials(), await cluster.stored());
    ok(t, await lab.current.provision(['certs', 'verify', inventory]));
  },
);

test.serial(
  'pki.keys host: a member that shows another certificate gets its old pair back, then the new one',
  async (t) => {
    t.timeout(300_000);
    const cluster = await described(t, HOST);
    const { run, hosts } = cluster;
    ok(t, await run('up'));
    const [victim] = hosts;
    if (victim === undefined) throw new Error('three hosts have a first');
    const pki = join(victim.root, 'etc/etcd/pki');
    const old = await keep(t, pairIn(pki, 'peer'));
    const before = await cluster.runs();
    const end = await impostor(victim, old);
    t.teardown(end);
    const failed = await run('certs', 'rotate');
    t.is(failed.exitCode, 1);
    t.regex(
      failed.stderr,
      new RegExp(`${victim.name}: its peer port shows [0-9A-F]+, not the new`),
    );
    t.deepEqual(await readFile(join(pki, 'peer.key'), 'utf8'), await readFile(old.keyFile, 'utf8'));
    await end();

    ok(t, await run('certs', 'rotate'));
    t.deepEqual(await cluster.runs(), before);
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.deepEqual(await cluster.answers(cluster.admin), all(3));
  },
);

test.serial(
  'pki.keys host: killed again and again up, certs rotate and certs rotate-ca finish',
  async (t) => {
    t.timeout(everything ? 3_600_000 : 900_000);
    const cluster = await described(t, `${HOST}${consumer()}`);
    const { store, hosts, run } = cluster;
    const kills = await killedEverywhere(t, ['up', cluster.inventory, '--yes']);
    const observer = observe(cluster.endpoints);
    const before = await cluster.runs();
    const more = await killedEverywhere(t, ['certs', 'rotate', cluster.inventory, '--yes']);
    t.deepEqual(await cluster.runs(), before);
    const words = ['certs', 'rotate-ca', cluster.inventory, '--yes'];
    const half = await killedEverywhere(t, [...words, '--window', '1'], undefined, PAUSED);
    const most = await killedEverywhere(t, [...words, ...cluster.finish]);
    t.log(`killed ${kills}, ${more}, ${half} and ${most} times`);
    t.true(kills > 3 && more > 1 && half > 3 && most > 1);
    unharmed(t, await observer.stop(), 50);
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.deepEqual(await cluster.answers(cluster.admin), all(3));
    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    await privateOnHosts(t, hosts);
  },
);

test.serial(
  'pki.keys host: a host without openssl, or with one that fails, is refused before anything is changed',
  async (t) => {
    t.timeout(300_000);
    const cluster = await described(t, HOST);
    const { hosts, run, store } = cluster;
    const [, victim] = hosts;
    if (victim === undefined) throw new Error('three hosts have a second');
    const repair = () =>
      doInside(
        victim,
        sh`[ ! -e /usr/bin/openssl.away ] || mv -f /usr/bin/openssl.away /usr/bin/openssl`,
      );
    t.teardown(repair);
    const untouched = await Promise.all(hosts.map(everyFileOfOurs));

    await doInside(victim, sh`mv /usr/bin/openssl /usr/bin/openssl.away`);
    const without = await run('up');
    t.is(without.exitCode, REFUSED);
    t.regex(
      without.stderr,
      new RegExp(
        `${victim.name}: cannot make the keys of server, peer, healthcheck-client: openssl: it is not installed`,
      ),
    );
    t.regex(without.stderr, /next: install or repair openssl there .* pki\.keys: store/);

    await fakeOpenssl(victim, "echo 'a library is missing' >&2; exit 1");
    const failing = await run('up');
    t.is(failing.exitCode, REFUSED);
    t.regex(failing.stderr, new RegExp(`${victim.name}: cannot .*: openssl: a library is missing`));
    t.deepEqual(await Promise.all(hosts.map(everyFileOfOurs)), untouched);
    await t.throwsAsync(stat(store), { code: 'ENOENT' });

    await fakeOpenssl(
      victim,
      '[ "$1" != req ] || { echo "no requests today" >&2; exit 1; }; exec /usr/bin/openssl.away "$@"',
    );
    const half = await run('up');
    t.is(half.exitCode, 1);
    t.regex(
      half.stderr,
      new RegExp(
        `${victim.name}: could not make the key of ${victim.name}/server with its openssl: no requests today`,
      ),
    );
    t.regex(half.stderr, /next: repair openssl there/);

    await fakeOpenssl(
      victim,
      'case "$1" in genpkey) set -- "$@" -pkeyopt ec_paramgen_curve:P-384 ;; esac; exec /usr/bin/openssl.away "$@"',
    );
    const other = await run('up');
    t.is(other.exitCode, 1);
    t.regex(other.stderr, /its request for \S+\/server: its key is ecdsa 384, wanted ecdsa 256/);

    await repair();
    ok(t, await run('up'));
    t.deepEqual(await cluster.answers(cluster.admin), all(3));
    await doInside(victim, sh`mv /usr/bin/openssl /usr/bin/openssl.away`);
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    t.is((await run('certs', 'rotate')).exitCode, REFUSED);
    t.is((await run('certs', 'rotate-ca')).exitCode, REFUSED);
    t.deepEqual(await cluster.serials(), await cluster.stored());
  },
);

test.serial(
  'pki.keys: store to host and back makes exactly the affected leaves again, without a restart',
  async (t) => {
    t.timeout(600_000);
    const cluster = await described(t, `${STORE}${consumer()}`);
    const { inventory, store, hosts, run } = cluster;
    ok(t, await run('up'));
    const text = await readFile(inventory, 'utf8');
    const reading = `reader@${reader().address}`;
    const affected = [
      ...hosts.flatMap(({ name }) => ROWS.map((row) => `${name}/${row}`)),
      `${reading}/reader`,
    ].sort();
    const keysOfStore = ['admin.key', 'ca.key', ...affected.map((id) => `${id}.key`)].sort();
    t.deepEqual(await keysIn(store), keysOfStore);
    const before = await cluster.runs();
    const serials = await serialsIn(store);
    const observer = observe(cluster.endpoints);

    await writeFile(inventory, text.replace(STORE, HOST));
    const plan = await lab.current.provision(['plan', inventory]);
    const told = plan.stdout.match(/make the key of \S+ there.*/g) ?? [];
    t.deepEqual(
      told,
      affectedInOrder(hosts, reading).map(
        (id) =>
          `make the key of ${id} there, have its request signed here (its key is in the store, wanted on the host)`,
      ),
    );
    ok(t, await run('up'));
    const toHost = await serialsIn(store);
    t.deepEqual(different(serials, toHost), affected);
    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });

    await writeFile(inventory, text);
    const back = await lab.current.provision(['plan', inventory]);
    t.is(back.stdout.match(/its key is on the host, wanted in the store/g)?.length, 10);
    ok(t, await run('up'));
    const toStore = await serialsIn(store);
    t.deepEqual(different(toHost, toStore), affected);
    t.deepEqual(await keysIn(store), keysOfStore);
    t.deepEqual(
      (await readdir(store, { recursive: true })).filter((file) => file.endsWith('.host-key')),
      [],
    );
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });

    // Killed on the way to the hosts, and sent back: nothing of either way is in the other's.
    await writeFile(inventory, text.replace(STORE, HOST));
    await killedEverywhere(t, ['up', inventory, '--yes'], 5);
    await writeFile(inventory, text);
    ok(t, await run('up'));
    await writeFile(inventory, text.replace(STORE, HOST));
    const kills = await killedEverywhere(t, ['up', inventory, '--yes']);
    t.true(kills > 1);
    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    t.deepEqual(await cluster.runs(), before);
    t.deepEqual(await cluster.serials(), await cluster.stored());
    unharmed(t, await observer.stop(), 50);
    ok(t, await lab.current.provision(['certs', 'verify', inventory]));
  },
);

test.serial(
  'pki.keys host: a cluster is switched to https, purged and restored with keys of its hosts alone',
  async (t) => {
    t.timeout(600_000);
    const cluster = await described(t, HOST);
    const { name, inventory, store, run } = cluster;
    const { provision, paths } = lab.current;
    const http = inventory.replace('-https.yaml', '-http.yaml');
    ok(t, await provision(['up', http, '--yes']));
    await t.throwsAsync(stat(store), { code: 'ENOENT' });
    ok(t, await provision(['migrate', http, '--to', 'https', '--yes']));
    ok(t, await provision(['migrate', http, '--to', 'https', '--finish', '--yes']));
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
    t.deepEqual(await cluster.answers(cluster.admin), all(3));

    ok(t, await provision(['snapshot', 'save', inventory]));
    const snapshots = join(paths.directory, `${name}.snapshots`);
    const [file = ''] = (await readdir(snapshots)).filter((one) => one.endsWith('.db'));
    const serials = await cluster.stored();
    ok(t, await provision(['down', inventory, '--purge', '--yes-purge', name]));
    ok(
      t,
      await provision([
        ...['restore', inventory, '--from', join(snapshots, file), '--yes-restore', name],
      ]),
    );
    t.deepEqual(
      (await cluster.stored()).filter((serial) => serials.includes(serial)),
      [],
    );
    t.deepEqual(await cluster.serials(), await cluster.stored());
    t.deepEqual(await cluster.answers(cluster.admin), all(3));
    t.deepEqual(await keysIn(store), ['admin.key', 'ca.key']);
    t.like(JSON.parse((await run('up', '--json')).stdout), { changed: false });
  },
);

function reader(): LabHost {
  const host = lab.current.hosts[3];
  if (host === undefined) throw new Error('the lab has a fourth host');
  return host;
}

/** A host that gets a client certificate, and a unit on it that reads that. */
function consumer(): string {
  const { address } = reader();
  return `consumers:
  - { name: reader, hosts: [{ address: ${address} }], directory: ${CONSUMER}, reload: { unit: reader } }
`;
}

async function described(t: ExecutionContext, more: string): Promise<CertsCluster> {
  const unit = '[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/true\n';
  await doInside(
    reader(),
    sh`mkdir -p /etc/reader && cat > /etc/systemd/system/reader.service && systemctl daemon-reload && systemctl start reader`,
    unit,
  );
  t.teardown(() => doInside(reader(), sh`systemctl stop reader; rm -rf /etc/reader`));
  return certsCluster(t, lab.current, { etcd: '3.5.30', count: 3, more });
}

/** Puts a shell script in the place of openssl; the real one is beside it as openssl.away. */
async function fakeOpenssl(host: LabHost, script: string): Promise<void> {
  await doInside(
    host,
    sh`cat > /usr/bin/openssl && chmod 755 /usr/bin/openssl`,
    `#!/bin/sh\n${script}\n`,
  );
}

/** Kills the command after each step it had not done in an earlier run, until it finishes; gives how often, `most` at most. */
async function killedEverywhere(
  t: ExecutionContext,
  args: readonly string[],
  most = Number.POSITIVE_INFINITY,
  end = 0,
): Promise<number> {
  const seen = new Set<string>();
  let kills = 0;
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const operator = await startOperator(args);
    const done = new Promise<boolean>((resolve) => {
      operator.process.stdout?.on('data', () => {
        const fresh = stepsIn(operator.said()).find((one) => !seen.has(one));
        if (fresh === undefined || kills >= most) return;
        seen.add(fresh);
        if (!everything && seen.size % 3 !== 1) return;
        kills += 1;
        operator.kill('SIGKILL');
        resolve(false);
      });
      operator.ended.then(() => resolve(true));
    });
    const finished = await done;
    const { exitCode, stdout, stderr } = await operator.ended;
    if (kills >= most) return kills;
    // The lock of a run that was killed goes with its connection, which takes a moment.
    if (!finished || exitCode === LOCKED) continue;
    t.is(exitCode, end, `${stdout}\n${stderr}`);
    return kills;
  }
  throw new Error(`it never ended: ${[...seen].join('\n')}`);
}

/** The steps that are done; where only a few stand for the rest, the same on another host is no other. */
function stepsIn(said: string): readonly string[] {
  const steps = [...said.matchAll(/^ {2}(\S+): (.*) \(\d+\.\d s\)$/gm)];
  return steps.map(([, host = '', what = '']) =>
    everything ? `${host}: ${what}` : what.replaceAll(/\S+[/@]\S+/g, '…'),
  );
}

/** The full lines of every key in use on these hosts: what is private of it, without the rest, which is public. */
async function keyLines(hosts: readonly LabHost[]): Promise<readonly string[]> {
  const texts = await Promise.all(
    hosts.map(
      async (host) =>
        (await inside(host, sh`cat /etc/etcd/pki/*.key /etc/reader/etcd/*.key`)).stdout,
    ),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.length === 64 && !line.startsWith('-----'));
}

/** Those of the lines that are of keys in use. */
async function inUse(
  hosts: readonly LabHost[],
  words: readonly string[],
): Promise<readonly string[]> {
  const now = await keyLines(hosts);
  return now.filter((line) => words.includes(line));
}

function holders(texts: readonly string[], words: readonly string[]): readonly string[] {
  return texts.filter((text) => words.some((word) => text.includes(word)));
}

/** Files below these places that hold one of the words. */
async function filesWith(
  words: readonly string[],
  places: readonly string[],
): Promise<readonly string[]> {
  const args = ['-rlsaF', '--devices=skip', '-f', '-', '--', ...places];
  const { stdout } = await runHere('grep', args, { input: words.join('\n'), deadline: 120 });
  return stdout.split('\n').filter((file) => file !== '');
}

/** What this machine has of its own: temporary files of ours, and what lies beside the inventory but for the disks of the hosts. */
async function ownPlaces(): Promise<readonly string[]> {
  const { directory } = lab.current.paths;
  const temporary = (await readdir(tmpdir())).filter((name) => name.startsWith('provision'));
  const beside = (await readdir(directory)).filter((name) => name !== 'hosts');
  return [
    ...temporary.map((name) => join(tmpdir(), name)),
    ...beside.map((name) => join(directory, name)),
  ];
}

/** Private keys lie on members behind the link alone, for etcd alone to read; none waits, and the consumer's is root's. */
async function privateOnHosts(t: ExecutionContext, hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    const { stdout } = await inside(
      host,
      sh`grep -rlsIE 'BEGIN (EC |RSA )?PRIVATE KEY' /etc /var /root /home /run /tmp /dev/shm /srv`,
    );
    const files = stdout.split('\n').filter((file) => file !== '');
    t.deepEqual(
      files.filter((file) => !/^\/etc\/etcd\/pki\.[0-9a-f]{12}\/[a-z-]+\.key$/.test(file)),
      [],
    );
    t.true(files.length >= ROWS.length);
    const modes = await inside(host, sh`stat -c '%a %U:%G' ${files}`);
    t.deepEqual([...new Set(modes.stdout.trim().split('\n'))], ['600 etcd:etcd']);
  }
  const { stdout } = await inside(
    reader(),
    sh`stat -L -c '%a %U:%G' ${CONSUMER}/reader.key; find /var/lib/provision/keys -type f`,
  );
  t.is(stdout.trim(), '600 root:root');
}

/** Certificates and keys of a host, with sums, times and inodes. */
async function everyPkiFile(host: LabHost): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`find /etc/etcd /etc/reader /var/lib/provision/keys -printf '%p %y %m %u:%g %s %i %T@ %l\n' 2>/dev/null | sort`,
  );
  return stdout;
}

/** Whatever provision may have written on a host. */
async function everyFileOfOurs(host: LabHost): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`find /etc/etcd /opt/etcd /var/lib/etcd /var/lib/provision /etc/systemd/system -printf '%p %y %m %u:%g %s %i %T@ %l\n' 2>/dev/null | sort`,
  );
  return stdout;
}

/** Key files of a store. */
async function keysIn(store: string): Promise<readonly string[]> {
  return (await readdir(store, { recursive: true }))
    .filter((file) => file.endsWith('.key') && !file.startsWith('retired-ca-'))
    .sort();
}

/** The ids as a plan names them: member by member, the consumer last. */
function affectedInOrder(hosts: readonly LabHost[], reading: string): readonly string[] {
  const rows = ['server', 'peer', 'healthcheck-client'];
  return [...hosts.flatMap(({ name }) => rows.map((row) => `${name}/${row}`)), `${reading}/reader`];
}

function different(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...after]
    .filter(([id, serial]) => before.get(id) !== serial)
    .map(([id]) => id)
    .sort();
}
