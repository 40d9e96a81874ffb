import { createHash } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import test from 'ava';
import fc from 'fast-check';
import { type Checked, SnapshotCheck } from '../../src/snapshot/checksum.ts';

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** What etcd would send for a database. */
function snapshotOf(database: Buffer): Buffer {
  return Buffer.concat([database, sha256(database)]);
}

/** Bytes that begin as a database of bbolt does, pages of 4 KiB. */
function database(bytes: number): Buffer {
  const found = Buffer.alloc(bytes, 1);
  found.set(Buffer.from('edda0ced', 'hex'), 16);
  return found;
}

async function checked(chunks: readonly Buffer[]): Promise<Checked> {
  const check = new SnapshotCheck();
  await pipeline(Readable.from(chunks), check, new Writable({ write: (_c, _e, done) => done() }));
  return check.verdict();
}

test('SnapshotCheck accepts database and checksum however they are cut into chunks', async (t) => {
  const file = snapshotOf(Buffer.alloc(4096, 7));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: file.length })), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), file.length];
      const chunks = at.slice(1).map((end, index) => file.subarray(at[index], end));
      t.deepEqual(await checked(chunks.filter(({ length }) => length > 0)), {
        size: 4128,
        sha256: sha256(file).toString('hex'),
        fault: undefined,
        isBare: false,
      });
    }),
  );
});

test('SnapshotCheck passes every byte on', async (t) => {
  const file = snapshotOf(Buffer.from('x'.repeat(1024)));
  const out: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.push(chunk);
      done();
    },
  });
  await pipeline(
    Readable.from([file.subarray(0, 10), file.subarray(10)]),
    new SnapshotCheck(),
    sink,
  );
  t.deepEqual(Buffer.concat(out), file);
});

test('SnapshotCheck finds any flipped bit', async (t) => {
  const file = snapshotOf(Buffer.alloc(1024, 1));
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length * 8 - 1), async (bit) => {
      const damaged = Buffer.from(file);
      damaged.writeUInt8((damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      t.is(
        (await checked([damaged])).fault,
        'its checksum does not fit: it was damaged, or cut short and padded',
      );
    }),
  );
});

test('SnapshotCheck says what a file that is no whole snapshot lacks', async (t) => {
  const file = snapshotOf(database(1024));
  const faults = [
    await checked([]),
    await checked([file.subarray(0, 1000)]),
    await checked([file.subarray(0, 1024)]),
    await checked([file.subarray(0, 544)]),
    await checked([snapshotOf(Buffer.alloc(0))]),
  ].map(({ fault }) => fault);
  t.deepEqual(faults, [
    'it is empty',
    'it was cut short: 1000 bytes are not a database with its checksum',
    'it has no checksum: it is a bare database, or was cut at the end of a sector',
    'its checksum does not fit: it was damaged, or cut short and padded',
    'it was cut short: 32 bytes are not a database with its checksum',
  ]);
});

for (const [start, fault] of [
  ['1f8b0800', 'it is gzip, not a snapshot of etcd; unpack it first (gunzip)'],
  ['504b0304', 'it is a zip archive, not a snapshot of etcd; unpack it first (unzip)'],
  ['fd377a585a00', 'it is xz, not a snapshot of etcd; unpack it first (unxz)'],
  ['28b52ffd', 'it is zstd, not a snapshot of etcd; unpack it first (unzstd)'],
  ['425a68', 'it is bzip2, not a snapshot of etcd; unpack it first (bunzip2)'],
  [
    Buffer.from('\n<html><body>').toString('hex'),
    'it is a web page, such as a login or an error, not a snapshot of etcd',
  ],
  [Buffer.from('{"error": "denied"}').toString('hex'), 'it is JSON, not a snapshot of etcd'],
  [
    Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----').toString('hex'),
    'it is encrypted by age, as text, not a snapshot of etcd; unpack it first (age --decrypt)',
  ],
  [
    `${'61'.repeat(257)}7573746172`,
    'it is a tar archive, not a snapshot of etcd; unpack it first (tar xf)',
  ],
  [
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:').toString('hex'),
    'it is a pointer of Git LFS (git lfs pull fetches the file), not a snapshot of etcd',
  ],
  ['00', 'it is not a database of etcd'],
] as const)
  test(`SnapshotCheck names what is no snapshot: ${fault}`, async (t) => {
    const file = Buffer.alloc(10_240);
    file.set(Buffer.from(start, 'hex'));
    const { fault: found, isBare } = await checked([file.subarray(0, 100), file.subarray(100)]);
    t.deepEqual({ found, isBare }, { found: fault, isBare: false });
  });

test('SnapshotCheck takes a database without checksum for one', async (t) => {
  t.true((await checked([database(8192)])).isBare);
});
