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
  const file = snapshotOf(Buffer.alloc(1024, 1));
  const faults = [
    await checked([]),
    await checked([file.subarray(0, 1000)]),
    await checked([file.subarray(0, 1024)]),
    await checked([file.subarray(0, 544)]),
  ].map(({ fault }) => fault);
  t.deepEqual(faults, [
    'it is empty',
    'it was cut short: 1000 bytes are no database and checksum',
    'it has no checksum: it is a bare database, or was cut at the end of a sector',
    'its checksum does not fit: it was damaged, or cut short and padded',
  ]);
});
