import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { Secret } from '../../src/shell/secret.ts';
import { listSnapshots, snapshotName } from '../../src/snapshot/directory.ts';
import { encrypt } from '../../src/snapshot/encryption.ts';
import { Meter } from '../../src/snapshot/meter.ts';
import { openSnapshot } from '../../src/snapshot/open.ts';
import { readRecord, type SnapshotRecord, writeRecord } from '../../src/snapshot/record.ts';
import { storeStream } from '../../src/snapshot/store-file.ts';
import { verifySnapshot } from '../../src/snapshot/verify.ts';

const directory = mkdtempSync(join(tmpdir(), 'provision-snapshots-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const inside = (name: string) => join(directory, name);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

// More than one chunk of the age format, which has 64 KiB each.
const database = Buffer.alloc(200 * 1024, 'etcd');
const snapshot = Buffer.concat([database, sha256(database)]);
let recipient = '';
let key = { identity: new Secret('') };
test.before('an identity', async () => {
  const identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  key = { identity: new Secret(`# created today\n${identity}\n`) };
});

const record: SnapshotRecord = {
  cluster: 'prod',
  clusterId: 'd554abe249260417',
  member: 'etcd02',
  etcd: '3.5.30',
  revision: 42,
  totalKeys: 50,
  keys: 7,
  takenAt: '2026-11-21T10:00:00.000Z',
  size: snapshot.length,
  sha256: sha256(snapshot).toString('hex'),
};

async function encrypted(name: string): Promise<Buffer> {
  const bytes = await buffer(await encrypt(Readable.from([snapshot]), { recipient }));
  writeFileSync(inside(name), bytes);
  return bytes;
}

test('snapshotName: names the cluster and the time, so that names sort by time', (t) => {
  t.is(snapshotName('prod', new Date('2026-11-21T10:00:00Z'), false), 'prod-20261121T100000Z.db');
  t.is(
    snapshotName('prod', new Date('2026-11-21T10:00:00Z'), true),
    'prod-20261121T100000Z.db.age',
  );
});

test('storeStream: writes what came, for its owner alone', async (t) => {
  await storeStream(inside('whole.db'), Readable.from([snapshot]), async () => {});
  t.deepEqual(readFileSync(inside('whole.db')), snapshot);
  t.is(statSync(inside('whole.db')).mode & 0o777, 0o600);
});

test('Meter: tells how much passed, and its hash', async (t) => {
  const meter = Readable.from([snapshot.subarray(0, 9), snapshot.subarray(9)]).pipe(new Meter());
  t.deepEqual(await buffer(meter), snapshot);
  t.deepEqual(meter.total(), { size: snapshot.length, sha256: sha256(snapshot).toString('hex') });
});
test('storeStream: leaves nothing behind of what broke off or was not accepted', async (t) => {
  const broken = async function* () {
    yield snapshot.subarray(0, 100);
    throw new Failure('failed', 'the line went dead', { next: [] });
  };
  await t.throwsAsync(
    storeStream(inside('broken.db'), Readable.from(broken()), async () => {}),
    {
      message: 'the line went dead',
    },
  );
  const refuse = async () => {
    throw new Failure('failed', 'not accepted', { next: [] });
  };
  await t.throwsAsync(storeStream(inside('refused.db'), Readable.from([snapshot]), refuse), {
    message: 'not accepted',
  });
  t.deepEqual(
    readdirSync(directory).filter((name) => /broken|refused/.test(name)),
    [],
  );
});

test('storeStream: does not touch the part of another run', async (t) => {
  writeFileSync(inside('other.db.part'), 'theirs');
  await t.throwsAsync(
    storeStream(inside('other.db'), Readable.from([snapshot]), async () => {}),
    {
      message: `${inside('other.db')}.part: could not be made`,
    },
  );
  t.is(readFileSync(inside('other.db.part'), 'utf8'), 'theirs');
});

test('writeRecord: what was written is read again, for its owner alone', async (t) => {
  await writeRecord(inside('recorded.db'), record);
  t.deepEqual(await readRecord(inside('recorded.db')), record);
  t.is(statSync(inside('recorded.db.json')).mode & 0o777, 0o600);
});

test('readRecord: a damaged record is told with its path', async (t) => {
  writeFileSync(inside('bad.db.json'), '{"cluster": "prod"');
  const error = await t.throwsAsync(readRecord(inside('bad.db')), { instanceOf: Failure });
  t.is(error?.message, `${inside('bad.db.json')}: is damaged, or no record of a snapshot`);
});

test('verifySnapshot: accepts a whole file and says what it has no record of', async (t) => {
  writeFileSync(inside('plain.db'), snapshot);
  t.deepEqual(await verifySnapshot(inside('plain.db')), {
    path: inside('plain.db'),
    encrypted: false,
    size: snapshot.length,
    sha256: record.sha256,
    record: undefined,
    isBare: false,
    fault: undefined,
    unchecked: 'whose it is: it has no record',
  });
});

test('verifySnapshot: finds a whole snapshot that is not the recorded one', async (t) => {
  const other = Buffer.alloc(4096, 9);
  writeFileSync(inside('swapped.db'), Buffer.concat([other, sha256(other)]));
  await writeRecord(inside('swapped.db'), record);
  const { fault } = await verifySnapshot(inside('swapped.db'));
  t.regex(fault ?? '', /^it is not the file its record describes \(sha256 /);
});

test('encrypt: opens for its identity only, byte by byte the same', async (t) => {
  await encrypted('locked.db.age');
  t.deepEqual(await buffer(await openSnapshot(inside('locked.db.age'), key)), snapshot);
  const stranger = { identity: new Secret(await generateIdentity()) };
  await t.throwsAsync(openSnapshot(inside('locked.db.age'), stranger), {
    message: `${inside('locked.db.age')}: does not open with this key, or is damaged`,
  });
});

test('encrypt: opens with its passphrase only', async (t) => {
  const passphrase = new Secret('correct horse');
  const bytes = await buffer(await encrypt(Readable.from([snapshot]), { passphrase }));
  writeFileSync(inside('phrase.db.age'), bytes);
  t.deepEqual(await buffer(await openSnapshot(inside('phrase.db.age'), { passphrase })), snapshot);
  await t.throwsAsync(
    openSnapshot(inside('phrase.db.age'), { passphrase: new Secret('battery') }),
    {
      message: `${inside('phrase.db.age')}: does not open with this key, or is damaged`,
    },
  );
});

test('verifySnapshot: finds an encrypted file that was damaged or cut, with and without its key', async (t) => {
  const bytes = await encrypted('cut.db.age');
  const stored = { size: bytes.length, sha256: sha256(bytes).toString('hex') };
  await writeRecord(inside('cut.db.age'), { ...record, stored });
  t.is((await verifySnapshot(inside('cut.db.age'))).fault, undefined);
  t.is((await verifySnapshot(inside('cut.db.age'), key)).fault, undefined);

  writeFileSync(inside('cut.db.age'), bytes.subarray(0, -70_000));
  t.is(
    (await verifySnapshot(inside('cut.db.age'))).fault,
    `it has ${bytes.length - 70_000} bytes, recorded were ${bytes.length}`,
  );
  t.is(
    (await verifySnapshot(inside('cut.db.age'), key)).fault,
    `${inside('cut.db.age')}: was damaged or cut short after it was encrypted`,
  );

  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(100_000) ^ 1, 100_000);
  writeFileSync(inside('cut.db.age'), flipped);
  t.regex((await verifySnapshot(inside('cut.db.age'))).fault ?? '', /^it was damaged \(sha256 /);
  t.is(
    (await verifySnapshot(inside('cut.db.age'), key)).fault,
    `${inside('cut.db.age')}: was damaged or cut short after it was encrypted`,
  );
});

test('listSnapshots: newest first, by record, else by file; parts are none', async (t) => {
  const own = mkdtempSync(join(directory, 'list-'));
  for (const name of ['a.db', 'b.db', 'c.db.part']) writeFileSync(join(own, name), snapshot);
  await writeRecord(join(own, 'a.db'), { ...record, takenAt: '2026-11-20T10:00:00.000Z' });
  await writeRecord(join(own, 'b.db'), record);
  const found = await listSnapshots(own);
  t.deepEqual(
    found.map(({ path, takenAt }) => [path, takenAt.toISOString()]),
    [
      [join(own, 'b.db'), '2026-11-21T10:00:00.000Z'],
      [join(own, 'a.db'), '2026-11-20T10:00:00.000Z'],
    ],
  );
  t.deepEqual(await listSnapshots(join(own, 'nowhere')), []);
});

test('verifySnapshot() refuses a named pipe without waiting for it', async (t) => {
  execFileSync('mkfifo', [inside('pipe.db')]);
  const error = await t.throwsAsync(verifySnapshot(inside('pipe.db')), { instanceOf: Failure });
  t.is(error?.message, `${inside('pipe.db')}: is not a file`);
});

test('listSnapshots: says what is not a file, opens none of it, and puts it last', async (t) => {
  const place = inside('strange');
  mkdirSync(place);
  const [dir = '', pipe = '', gone = '', good = ''] = [
    'dir.db',
    'pipe.db',
    'gone.db',
    'good.db',
  ].map((name) => join(place, name));
  mkdirSync(dir);
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/media/none.db', gone);
  writeFileSync(good, snapshot);
  execFileSync('mkfifo', [`${good}.json`]);
  const found = await listSnapshots(place);
  t.is(found[0]?.path, good);
  t.is(found[0]?.trouble, `${good}.json: is a pipe; it should be a file, or missing`);
  t.deepEqual(
    found
      .slice(1)
      .map(({ path, strange, record }) => [path, strange, record])
      .toSorted(),
    [
      [dir, 'is not a file', undefined],
      [gone, 'could not be read (ENOENT)', undefined],
      [pipe, 'is not a file', undefined],
    ],
  );
});
