import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { loadScheduleTemplates, type ScheduleValues } from '../../src/desired/templates.ts';
import { stamp } from '../../src/shell/stamp.ts';
import { parseRecord } from '../../src/snapshot/record.ts';
import { notRetained } from '../../src/snapshot/retention.ts';

const HOUR = 3_600_000;
const root = mkdtempSync(join(tmpdir(), 'provision-script-'));
test.after.always(() => rmSync(root, { recursive: true }));
const confFile = join(root, 'etcd.conf');
writeFileSync(confFile, 'ETCD_ADVERTISE_CLIENT_URLS="https://10.0.0.1:2379"\n');

const PEERS = ['https://10.0.0.1:2380', 'https://[fd00::2]:2380'];
const RECORD = `{\n  "peers": ${JSON.stringify(PEERS)}\n}\n`;

/** Runs the script as a host would, with programs that answer as these say. */
async function run(
  programs: Readonly<Record<string, string>>,
  changes: Partial<ScheduleValues> = {},
) {
  const home = mkdtempSync(join(root, 'run-'));
  const directory = join(home, 'snapshots');
  mkdirSync(directory);
  mkdirSync(join(home, 'bin'));
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  const { script } = await loadScheduleTemplates();
  const text = script({
    ...{ cluster: 'prod', member: 'etcd01', unit: 'etcd', script: join(home, 'snapshot.sh') },
    ...{
      directory,
      programs: join(home, 'bin'),
      tool: 'etcdutl',
      confFile,
      pki: join(root, 'pki'),
    },
    ...{ last: 10, daily: 7, withinSeconds: 0, peers: PEERS },
    ...changes,
  });
  writeFileSync(join(home, 'snapshot.sh'), text);
  return {
    directory,
    start: () => spawnSync('/bin/sh', [join(home, 'snapshot.sh')], { encoding: 'utf8' }),
  };
}

const status = (leader: number) => `"MemberID" : 11
"Version" : "3.5.30"
"DBSize" : 1024
"Leader" : ${leader}
"Errors" : []`;

/** An etcdctl that answers for a leader and saves the file. */
const leading = (file: string) => `for word; do last=$word; done
case "$*" in
  *"endpoint status"*) echo '${status(11)}' ;;
  *"snapshot save"*) cp ${file} "$last" ;;
  *get*) echo '"Count" : 7' ;;
esac`;
const tool = `echo '{"hash":1,"revision":42,"totalKey":9,"totalSize":1024}'`;

function snapshotFile(name: string, damage = false): string {
  const database = Buffer.alloc(1024, 5);
  const whole = Buffer.concat([database, createHash('sha256').update(database).digest()]);
  if (damage) whole.writeUInt8(6, 100);
  writeFileSync(join(root, name), whole);
  return join(root, name);
}

test('snapshot.sh: the leader takes a snapshot whose record reads like any other', async (t) => {
  const file = snapshotFile('good.db');
  const { directory, start } = await run({ etcdctl: leading(file), etcdutl: tool });
  const { status: code, stdout, stderr } = start();
  t.is(code, 0, stderr);
  const [name = '', record = ''] = readdirSync(directory).sort();
  t.regex(name, /^prod-\d{8}T\d{6}Z\.db$/);
  t.is(stdout, `took ${directory}/${name}: revision 42, 1056 bytes\n`);
  t.deepEqual(readFileSync(join(directory, name)), readFileSync(file));
  t.is(statSync(join(directory, name)).mode & 0o777, 0o600);

  const { takenAt, ...rest } = parseRecord(readFileSync(join(directory, record), 'utf8'), record);
  t.is(stamp(new Date(takenAt)), name.slice(5, -3));
  t.deepEqual(rest, {
    cluster: 'prod',
    member: 'etcd01',
    peers: PEERS,
    etcd: '3.5.30',
    revision: 42,
    totalKeys: 9,
    keys: 7,
    size: 1056,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  });
});

test('snapshot.sh: a leader with a corruption alarm takes none, and says so; an alarm of another is no reason', async (t) => {
  const file = snapshotFile('corrupt.db');
  const alarmed = (id: number) =>
    `case "$*" in *"alarm list"*) echo 'memberID:3 alarm:NOSPACE '; echo 'memberID:${id} alarm:CORRUPT ' ;; esac
${leading(file)}`;
  const own = await run({ etcdctl: alarmed(11), etcdutl: tool });
  const { status: code, stderr } = own.start();
  t.is(code, 1);
  t.regex(stderr, /has a corruption alarm/);
  t.deepEqual(readdirSync(own.directory), []);
  for (const other of [12, 111, 1]) {
    const { directory, start } = await run({ etcdctl: alarmed(other), etcdutl: tool });
    t.is(start().status, 0);
    t.is(readdirSync(directory).length, 2);
  }
});

test('snapshot.sh: where keys cannot be counted the record does not say how many', async (t) => {
  const file = snapshotFile('secret.db');
  const etcdctl = leading(file).replace(`echo '"Count" : 7'`, 'exit 1');
  const { directory, start } = await run({ etcdctl, etcdutl: tool });
  t.is(start().status, 0);
  const record = readdirSync(directory).find((name) => name.endsWith('.json')) ?? '';
  t.is(parseRecord(readFileSync(join(directory, record), 'utf8'), record).keys, undefined);
});

test('snapshot.sh: who does not lead takes none, and says so', async (t) => {
  const { directory, start } = await run({ etcdctl: `echo '${status(12)}'`, etcdutl: tool });
  const { status: code, stdout } = start();
  t.deepEqual([code, stdout], [0, 'another member leads and takes the snapshot\n']);
  t.deepEqual(readdirSync(directory), []);
});

const fails = test.macro(
  async (t, programs: Readonly<Record<string, string>>, expected: RegExp) => {
    const { directory, start } = await run(programs);
    const { status: code, stderr } = start();
    t.is(code, 1);
    t.regex(stderr, expected);
    t.deepEqual(readdirSync(directory), []);
  },
);

test(
  'snapshot.sh: fails where the member does not answer',
  fails,
  { etcdctl: 'exit 1', etcdutl: tool },
  /^this member does not answer, so it cannot say whether it leads$/m,
);
test(
  'snapshot.sh: fails without a leader',
  fails,
  { etcdctl: `echo '${status(0)}'`, etcdutl: tool },
  /^the cluster has no leader$/m,
);
test(
  'snapshot.sh: does not keep a snapshot whose checksum does not fit',
  fails,
  { etcdctl: leading(snapshotFile('damaged.db', true)), etcdutl: tool },
  /^the checksum of the snapshot does not fit$/m,
);
test(
  'snapshot.sh: does not keep a snapshot that the tool cannot read',
  fails,
  { etcdctl: leading(snapshotFile('unread.db')), etcdutl: 'echo "panic: page 3" >&2; exit 2' },
  /^etcdutl cannot read the snapshot: panic: page 3$/m,
);

test('snapshot.sh: keeps what the same rules keep here, and always the newest', async (t) => {
  const rules = fc.record({
    last: fc.integer({ min: 0, max: 3 }),
    daily: fc.integer({ min: 0, max: 3 }),
    withinHours: fc.integer({ min: 0, max: 60 }),
  });
  const ages = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(ages, rules, async (hours, { last, daily, withinHours }) => {
      const now = new Date();
      // Between whole hours, so that the seconds this takes change nothing.
      const all = hours.map((age) => ({ takenAt: new Date(now.getTime() - (age - 0.5) * HOUR) }));
      const retention = { last, daily, withinSeconds: withinHours * 3600 };
      const { directory, start } = await run({ etcdctl: `echo '${status(12)}'` }, retention);
      for (const { takenAt } of all) {
        const name = join(directory, `prod-${stamp(takenAt)}.db`);
        writeFileSync(name, '');
        writeFileSync(`${name}.json`, RECORD);
      }
      t.is(start().status, 0);

      const gone = notRetained(all, { last: Math.max(last, 1), daily, withinHours }, now);
      const kept = all
        .filter((one) => !gone.includes(one))
        .map((one) => `prod-${stamp(one.takenAt)}.db`);
      t.deepEqual(
        readdirSync(directory).sort(),
        kept.flatMap((name) => [name, `${name}.json`]).sort(),
      );
    }),
    { numRuns: 30 },
  );
});

test('snapshot.sh: drops nothing of another cluster that has its name and directory', async (t) => {
  const { directory, start } = await run(
    { etcdctl: `echo '${status(12)}'` },
    { last: 1, daily: 0, withinSeconds: 0 },
  );
  const records = new Map([
    ['prod-20260101T000000Z.db', RECORD],
    // The scheme may have been switched since.
    ['prod-20260102T000000Z.db', '{ "peers": ["http://[fd00::2]:2380"] }'],
    [
      'prod-20260103T000000Z.db',
      '{ "peers": ["https://10.0.0.1:23800", "https://10.9.0.1:2380"] }',
    ],
    ['prod-20260104T000000Z.db', undefined],
    ['prod-20260105T000000Z.db', RECORD],
  ]);
  for (const [name, record] of records) {
    writeFileSync(join(directory, name), '');
    if (record !== undefined) writeFileSync(join(directory, `${name}.json`), record);
  }
  t.is(start().status, 0);
  t.deepEqual(
    readdirSync(directory).filter((name) => name.endsWith('.db')),
    ['prod-20260103T000000Z.db', 'prod-20260104T000000Z.db', 'prod-20260105T000000Z.db'],
  );
});

test('snapshot.sh: writes over no snapshot that another cluster takes at the same moment', async (t) => {
  const file = snapshotFile('twice.db');
  const { directory, start } = await run({ etcdctl: leading(file), etcdutl: tool });
  const near = Array.from({ length: 4 }, (_, at) => stamp(new Date(Date.now() + at * 1000)));
  for (const time of near.slice(0, 3)) writeFileSync(join(directory, `prod-${time}.db`), 'theirs');
  const { status: code, stderr } = start();
  t.is(code, 0, stderr);
  t.deepEqual(
    near.slice(0, 3).map((time) => readFileSync(join(directory, `prod-${time}.db`), 'utf8')),
    ['theirs', 'theirs', 'theirs'],
  );
  t.is(readdirSync(directory).filter((name) => name.endsWith('.db')).length, 4);
});
