import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { bare, damagedAndSealed, flipped, sealed, sha256 } from '../lab/damage.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { fill, toolSays } from '../lab/snapshot-lab.ts';
import { type Contents, contents, memberIds, setAlarm } from '../observer/contents.ts';
import { kvClient } from '../observer/kv-client.ts';
import { observe } from '../observer/observer.ts';
import { said, unitRun } from '../observer/seen.ts';

const VERSION = '3.5.30';
const ON_HOST = '/var/lib/provision/snapshots/proof';
const lab = useLab({ count: 3 });

let cluster: Cluster;
let truth: Contents;

test.serial.before('a cluster with something in it', async (t) => {
  t.timeout(600_000);
  cluster = await describeCluster(lab.current);
  ok(t, await lab.current.provision(['up', cluster.inventory, '--yes']));
  await fill(cluster, 'key', 100);
  truth = await contents(endpoint(0));
});

test.serial(
  'snapshot save: a private file, whole, recorded as our own client sees it',
  async (t) => {
    const { path, ...record } = await save(t);
    const directory = join(cluster.inventory, '..', 'proof.snapshots');
    t.deepEqual((await readdir(directory)).length, 2);
    t.is(path, join(directory, path.split('/').at(-1) ?? ''));
    t.deepEqual(
      await Promise.all([mode(directory), mode(path), mode(`${path}.json`)]),
      [0o700, 0o600, 0o600],
    );

    const bytes = await readFile(path);
    t.is(bytes.length % 512, 32);
    t.deepEqual(bytes, sealed(bare(bytes)));
    t.like(record, {
      ...{ cluster: 'proof', clusterId: truth.clusterId, etcd: VERSION },
      ...{ revision: truth.revision, keys: truth.keys, size: bytes.length, sha256: sha256(bytes) },
    });
    t.like(JSON.parse(await readFile(`${path}.json`, 'utf8')), {
      ...{ revision: truth.revision, keys: truth.keys, sha256: sha256(bytes) },
    });
    t.like(await toolSays(VERSION, path), {
      ...{ revision: truth.revision, totalSize: bytes.length - 32 },
    });
    t.deepEqual(await left(), ['', '', '']);
  },
);

test.serial('snapshot save: --keep-on-host leaves the same file there, private', async (t) => {
  const { path, member, sha256: sum } = await save(t, '--keep-on-host');
  const file = `${ON_HOST}/${path.split('/').at(-1)}`;
  const there = await said(
    host(member),
    `cd ${ON_HOST} && stat -c '%n %a %U' * . && sha256sum *.db`,
  );
  const name = file.split('/').at(-1);
  t.is(
    there,
    [`${name} 600 root`, `${name}.json 600 root`, '. 700 root', `${sum}  ${name}`].join('\n'),
  );
  await said(host(member), `rm ${ON_HOST}/*`);
});

test.serial(
  'snapshot save: a member with a corruption alarm gives none, the others do, and a full database can be saved',
  async (t) => {
    const ill = lab.current.hosts[0]?.name ?? '';
    const { own: id } = await memberIds(endpoint(0));
    await setAlarm(endpoint(0), id, 'CORRUPT', true);
    try {
      const saved = await save(t);
      t.not(saved.member, ill);
      t.is(saved.revision, truth.revision);
      await setAlarm(endpoint(0), id, 'NOSPACE', true);
      t.is((await save(t)).revision, truth.revision);
      const refused = await snapshot('save', '--member', ill);
      t.is(refused.exitCode, 3);
      t.regex(refused.stderr, new RegExp(`${ill}: has a corruption alarm`));
      const status = await lab.current.provision(['status', cluster.inventory]);
      t.is(status.exitCode, 1);
      t.regex(status.stderr, /etcd reports memberID:\d+ alarm:CORRUPT/);
    } finally {
      await setAlarm(endpoint(0), id, 'CORRUPT', false);
      await setAlarm(endpoint(0), id, 'NOSPACE', false);
    }
  },
);

test.serial(
  'snapshot save: age opens what was encrypted, with passphrase or identity',
  async (t) => {
    const identity = await generateIdentity();
    const { path, ...record } = await save(t, '--recipient', await identityToRecipient(identity));
    t.regex(path, /\.db\.age$/);
    t.is(await mode(path), 0o600);
    const stored = await readFile(path);
    t.is(stored.indexOf('key/1'), -1);
    t.deepEqual(record.stored, { size: stored.length, sha256: sha256(stored) });
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    t.is(sha256(Buffer.from(await decrypter.decrypt(stored))), record.sha256);

    const file = await lab.current.inventory('identity.txt', `# mine\n${identity}\n`);
    await chmod(file, 0o600);
    ok(t, await snapshot('drill', path, '--identity', file));

    const env = { RIGHT: 'correct horse', WRONG: 'battery staple' };
    const locked = await save(t, { env }, '--encrypt', '--passphrase-from', 'env:RIGHT');
    const opened = await snapshot({ env }, 'verify', locked.path, '--passphrase-from', 'env:RIGHT');
    ok(t, opened);
    const wrong = await snapshot({ env }, 'drill', locked.path, '--passphrase-from', 'env:WRONG');
    t.is(wrong.exitCode, 1);
    t.regex(wrong.stderr, /does not open with this key/);
    t.regex(wrong.stderr, /next: give the passphrase or identity it was encrypted for/);
    // A wrong word says nothing about the snapshot.
    t.is(JSON.parse(await readFile(`${locked.path}.json`, 'utf8')).drill, undefined);
    const closed = await snapshot('verify', locked.path);
    t.regex(closed.stdout, /not checked: what is inside: it is encrypted/);
    await writeFile(locked.path, flipped(await readFile(locked.path)));
    t.regex((await snapshot('verify', locked.path)).stderr, /it was damaged/);
  },
);

test.serial('snapshot list: shows them newest first, as a table and as JSON', async (t) => {
  const { path } = await save(t);
  const { stdout } = await snapshot('list');
  const rows = stdout.split('\n').filter((line) => line.includes('.db'));
  t.regex(
    rows[0] ?? '',
    new RegExp(`${path.split('/').at(-1)}.* ${truth.revision} .* ${truth.keys} `),
  );
  const { snapshots } = JSON.parse((await snapshot('list', '--json')).stdout);
  t.is(snapshots.length, rows.length);
  t.is(snapshots[0].path, path);
});

test.serial(
  'snapshot verify and drill: whatever is damaged is told, here or on a member',
  async (t) => {
    const good = await save(t);
    const bytes = await readFile(good.path);
    const directory = join(cluster.inventory, '..', 'damaged');
    await mkdir(directory);
    const damaged = async (name: string, content: Buffer): Promise<string> => {
      const path = join(directory, `${name}.db`);
      await writeFile(path, content);
      return path;
    };
    const tells = async (words: readonly string[], expected: RegExp) => {
      const { exitCode, stderr } = await snapshot(...words);
      t.is(exitCode, 1, stderr);
      t.regex(stderr, expected);
      t.notRegex(stderr, /\n\s+at |goroutine/);
    };

    await tells(
      ['verify', await damaged('cut', bytes.subarray(0, -1000))],
      /cut\.db: it was cut short/,
    );
    await tells(
      ['verify', await damaged('flipped', flipped(bytes))],
      /flipped\.db: its checksum does not fit/,
    );
    await tells(['verify', await damaged('bare', bare(bytes))], /bare\.db: it has no checksum/);
    await tells(['verify', await damaged('empty', Buffer.alloc(0))], /empty\.db: it is empty/);

    const lying = await damaged('lying', damagedAndSealed(bytes, 'key/1'));
    const [, second = host('').name] = lab.current.hosts.map(({ name }) => name);
    ok(t, await snapshot('verify', lying));
    await tells(['verify', lying, '--on', second], /cannot read the database in the snapshot/);
    await tells(['drill', lying], /etcd's own tool cannot restore it/);
    await copyFile(`${good.path}.json`, `${lying}.json`);
    await tells(['verify', lying], /it is not the file its record describes/);

    // A database that opens, and lacks something: only the record knows.
    const older = await damaged('older', bytes);
    const record = {
      ...JSON.parse(await readFile(`${good.path}.json`, 'utf8')),
      keys: truth.keys + 1,
    };
    await writeFile(`${older}.json`, JSON.stringify(record));
    await tells(['drill', older], /is not what was saved: \d+ keys, recorded were \d+/);
    t.regex(JSON.parse(await readFile(`${older}.json`, 'utf8')).drill.fault, / keys, recorded/);
    ok(t, await snapshot('verify', good.path, '--on', second));
    t.deepEqual(await left(), ['', '', '']);
  },
);

test.serial(
  'snapshot drill: proves it beside a cluster that notices nothing; status says so',
  async (t) => {
    const { path } = await save(t);
    const runs = () => Promise.all(lab.current.hosts.map((one) => unitRun(one)));
    const before = await runs();
    const observer = observe(endpoints(cluster));
    const drill = await snapshot('drill', '--json');
    const seen = await observer.stop();
    ok(t, drill);
    t.like(JSON.parse(drill.stdout), { path, revision: truth.revision, keys: truth.keys });
    t.deepEqual({ lost: seen.lost, failed: seen.failedWrites }, { lost: [], failed: [] });
    t.deepEqual(await runs(), before);
    t.deepEqual(await left(), ['', '', '']);
    const { at } = JSON.parse(drill.stdout);
    const { stdout } = await lab.current.provision(['status', cluster.inventory]);
    t.regex(stdout, new RegExp(`^restorable as of ${at}$`, 'm'));
  },
);

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test.serial(`snapshot save: ${signal} leaves nothing that passes for a snapshot`, async (t) => {
    const client = kvClient(endpoint(0));
    for (let index = 0; index < 30; index += 1)
      await client.put(`large/${index}`, 'x'.repeat(1_000_000), 10_000);
    client.close();
    const directory = join(cluster.inventory, '..', 'killed');
    const args = ['snapshot', 'save', cluster.inventory, '--out', directory];
    const run = await startOperator(args);
    await run.says('will take it from');
    run.kill(signal);
    const { stderr } = await run.ended;
    if (signal === 'SIGINT') t.regex(stderr, /^error: interrupted by SIGINT$/m);
    const kept = (await readdir(directory)).filter((name) => !name.endsWith('.part'));
    t.deepEqual(kept, []);
    if (signal === 'SIGINT') t.deepEqual(await readdir(directory), []);
    await until(async () => (await left()).join('') === '');
    await rm(directory, { recursive: true });
  });
}

test.serial(
  'snapshot prune: keeps what a rule keeps, and the last good one whatever the rules',
  async (t) => {
    const directory = join(cluster.inventory, '..', 'pruned');
    await mkdir(directory);
    const { path } = await save(t);
    const bytes = await readFile(path);
    const record = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    const write = async (name: string, hours: number, content = bytes, changes = {}) => {
      const takenAt = new Date(Date.now() - hours * 3_600_000).toISOString();
      await writeFile(join(directory, name), content);
      await writeFile(
        join(directory, `${name}.json`),
        JSON.stringify({ ...record, takenAt, ...changes }),
      );
    };
    const kept = async (...rules: readonly string[]) => {
      ok(t, await snapshot('prune', '--directory', directory, '--yes', ...rules));
      return (await readdir(directory)).toSorted();
    };
    await write('new.db', 1);
    await write('day.db', 25);
    await write('old.db', 240);
    await write('foreign.db', 999, bytes, { cluster: 'another' });
    const pairs = (...names: readonly string[]) => names.flatMap((name) => [name, `${name}.json`]);
    t.deepEqual(
      await kept('--keep-last', '1', '--keep-within', '48h'),
      pairs('day.db', 'foreign.db', 'new.db'),
    );
    await writeFile(join(directory, 'new.db'), flipped(bytes));
    t.deepEqual(await kept('--keep-last', '1'), pairs('day.db', 'foreign.db', 'new.db'));
    const bareRules = await snapshot('prune', '--directory', directory, '--yes');
    t.is(bareRules.exitCode, 2);
    t.is((await readdir(directory)).length, 6);
  },
);

test.serial(
  'snapshot schedule: the leader alone takes them, by a timer on every member',
  async (t) => {
    const words = ['snapshot', 'schedule', cluster.inventory, '--yes'];
    ok(t, await lab.current.provision([...words, '--every', '15m', '--keep-last', '2']));
    const shown = 'ActiveState,UnitFileState,Triggers';
    const timers = await all(
      `systemctl show etcd-snapshot.timer --property=${shown}; systemctl show etcd-snapshot.timer --property=NextElapseUSecRealtime --value | grep -c ':[0134][05]:00 '`,
    );
    t.deepEqual(
      timers,
      timers.map(
        () => 'Triggers=etcd-snapshot.service\nActiveState=active\nUnitFileState=enabled\n1',
      ),
    );

    // From here on services are started by hand alone: the clock would start one more at a quarter of an hour.
    await all('systemctl stop etcd-snapshot.timer');
    const exposure = await said(
      host(await leaderName()),
      "systemd-analyze security --no-pager etcd-snapshot.service | sed -n 's/.*exposure level for.*: \\([0-9.]*\\) .*/\\1/p'",
    );
    t.true(Number(exposure) > 0 && Number(exposure) <= 2, exposure);

    const leader = await leaderName();
    const times: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await all('systemctl start etcd-snapshot.service');
      const files = await all(`ls ${ON_HOST} | grep 'db$' | sort`);
      const taken = lab.current.hosts.flatMap(({ name }, at) => (files[at] ? [name] : []));
      t.deepEqual(taken, [leader]);
      times.push(files.join('').split('\n').at(-1) ?? '');
      // Names have a second for their smallest part.
      const second = () => new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
      await until(() => !times.at(-1)?.includes(second()));
    }
    t.is(new Set(times).size, 3);
    t.deepEqual(
      (await said(host(leader), `ls ${ON_HOST}`)).split('\n'),
      times.slice(1).flatMap((name) => [name, `${name}.json`]),
    );
    const now = await contents(endpoint(0));
    const [sum, json = ''] = (
      await said(host(leader), `cd ${ON_HOST} && sha256sum < ${times[2]} && cat ${times[2]}.json`)
    ).split(' -\n');
    t.like(JSON.parse(json), {
      cluster: 'proof',
      revision: now.revision,
      keys: now.keys,
      sha256: sum?.trim(),
    });
    t.is(await said(host(leader), `stat -c %a ${ON_HOST}/*`), '600\n600\n600\n600');

    const healthy = JSON.parse(
      (await lab.current.provision(['status', cluster.inventory, '--json'])).stdout,
    );
    t.deepEqual(
      healthy.backups.schedule.map(({ failure }: { failure?: string }) => failure),
      [undefined, undefined, undefined],
    );
    // The leader finds no space for it.
    await all(
      `mv ${ON_HOST} ${ON_HOST}.kept; touch ${ON_HOST}; systemctl start etcd-snapshot.service`,
    );
    const { stdout } = await lab.current.provision(['status', cluster.inventory]);
    t.regex(stdout, new RegExp(`^${leader}: the scheduled snapshot failed: .*${ON_HOST}`, 'm'));
    await all(`rm ${ON_HOST}; mv ${ON_HOST}.kept ${ON_HOST}`);

    const at = lab.current.hosts.findIndex(({ name }) => name === leader);
    const { own: id } = await memberIds(endpoint(at));
    await setAlarm(endpoint(0), id, 'CORRUPT', true);
    await all('systemctl start etcd-snapshot.service');
    await setAlarm(endpoint(0), id, 'CORRUPT', false);
    const alarmed = await lab.current.provision(['status', cluster.inventory]);
    t.regex(
      alarmed.stdout,
      new RegExp(`^${leader}: the scheduled snapshot failed: .*corruption alarm`, 'm'),
    );

    ok(t, await lab.current.provision([...words, '--remove']));
    const gone = await all(
      'ls /etc/etcd/snapshot.sh /etc/systemd/system/etcd-snapshot.* 2>/dev/null; systemctl is-active etcd-snapshot.timer; systemctl --failed --no-legend',
    );
    t.deepEqual(gone, ['inactive', 'inactive', 'inactive']);
    t.is((await said(host(leader), `ls ${ON_HOST}/*.db`)).split('\n').length, 2);
  },
);

function endpoint(at: number) {
  const found = endpoints(cluster)[at];
  if (found === undefined) throw new TypeError(`no member ${at}`);
  return found;
}

function host(name: string): LabHost {
  const found = lab.current.hosts.find((one) => one.name === name) ?? lab.current.hosts[0];
  if (found === undefined) throw new TypeError(`no host ${name}`);
  return found;
}

function all(script: string): Promise<readonly string[]> {
  return Promise.all(lab.current.hosts.map((one) => said(one, script)));
}

/** What work on snapshots has left on the hosts: half files, scratch directories, processes, units. */
function left(): Promise<readonly string[]> {
  return all(`find /var/lib/provision -name '.*-*' -o -name '*.part'
systemctl list-units --all --no-legend 'provision-drill*'; pgrep -f '[s]napshot save'`);
}

type Words = readonly (string | { readonly env: Readonly<Record<string, string>> })[];

function snapshot(...words: Words): Promise<Outcome> {
  const [verb = '', ...rest] = words.filter((word) => typeof word === 'string');
  const options = words.find((word) => typeof word !== 'string');
  return lab.current.provision(['snapshot', verb, cluster.inventory, ...rest], options);
}

async function save(t: ExecutionContext, ...words: Words) {
  const saved = await snapshot('save', '--json', ...words);
  ok(t, saved);
  return JSON.parse(saved.stdout);
}

async function leaderName(): Promise<string> {
  for (const [at, { name }] of lab.current.hosts.entries()) {
    const { own, leader } = await memberIds(endpoint(at));
    if (own === leader) return name;
  }
  throw new Error('nobody leads');
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let looks = 0; !(await holds()); looks += 1) {
    if (looks > 300) throw new Error('it never came to hold');
    await sleep(100);
  }
}

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, `${stdout.slice(-2000)}\n${stderr}`);
}
