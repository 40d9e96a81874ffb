import test from 'ava';
import {
  bucketIn,
  consistentIndex,
  isPage,
  META_BYTES,
  META_OFFSETS,
  pairsIn,
  readMeta,
} from '../../src/etcd/bolt.ts';
import { leaf } from './bolt-page.ts';

/** Meta page 0 of the database of a member of etcd 3.5.30. */
const REAL = Buffer.from(
  [
    ...['00000000000000000400000000000000', 'edda0ced020000000010000000000000'],
    ...['05000000000000000000000000000000', 'ffffffffffffffff0600000000000000'],
    '3c000000000000005c703c85da9a8efb',
  ].join(''),
  'hex',
);
const nothing = Buffer.alloc(META_BYTES);
const at = (offset: number, head: Buffer, first = nothing) =>
  META_OFFSETS.map((one) => (one === offset ? head : one === 0 ? first : nothing));
const found = { pageSize: 4096, root: 5, pages: 6 };

test('readMeta() reads the meta page that is whole, whichever of the two it is', (t) => {
  t.deepEqual(readMeta(at(0, REAL)), found);
  t.deepEqual(readMeta(at(4096, REAL)), found);
});

test('readMeta() finds none where both are damaged, cut off, or somewhere else', (t) => {
  t.is(readMeta(META_OFFSETS.map(() => nothing)), undefined);
  t.is(readMeta(META_OFFSETS.map(() => Buffer.alloc(0))), undefined);
  t.is(readMeta(at(8192, REAL)), undefined);
  for (let byte = 16; byte < META_BYTES; byte++) {
    const damaged = Buffer.from(REAL);
    damaged.writeUInt8(damaged.readUInt8(byte) ^ 1, byte);
    t.is(readMeta(at(0, damaged)), undefined, `byte ${byte}`);
  }
});

function root(index: bigint, own = 0n): Buffer {
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(index);
  const bucket = Buffer.alloc(16);
  bucket.writeBigUInt64LE(own);
  const meta = Buffer.concat([bucket, leaf(0, [['consistent_index', value]])]);
  return leaf(5, [
    ['key', bucket],
    ['meta', meta],
  ]);
}

test('consistentIndex() reads the last entry from the root page', (t) => {
  t.is(consistentIndex(root(605n), 5), 605);
});

test('consistentIndex() says nothing of another page, a cut one, or a bucket that lies elsewhere', (t) => {
  t.is(consistentIndex(root(605n), 6), undefined);
  t.is(consistentIndex(root(605n, 9n), 5), undefined);
  t.is(consistentIndex(leaf(5, []), 5), undefined);
  t.is(consistentIndex(Buffer.alloc(0), 0), undefined);
  const whole = root(605n);
  for (let length = 0; length < whole.length; length++)
    t.is(consistentIndex(whole.subarray(0, length), 5), undefined);
});

test('bucketIn() finds a small bucket in the page, and the page of a larger one', (t) => {
  const here = bucketIn(root(605n), 5, 'meta');
  t.is(here?.kind, 'here');
  t.deepEqual(bucketIn(root(605n, 9n), 5, 'meta'), { kind: 'page', page: 9 });
  t.is(bucketIn(root(605n), 5, 'members'), undefined);
  t.is(bucketIn(root(605n), 6, 'meta'), undefined);
});

test('pairsIn() reads a leaf whole or not at all', (t) => {
  const page = leaf(9, [
    ['one', Buffer.from('1')],
    ['two', Buffer.from('22')],
  ]);
  const read = (bytes: Buffer) => pairsIn(bytes).map(([key, value]) => [key, value.toString()]);
  t.deepEqual(read(page), [
    ['one', '1'],
    ['two', '22'],
  ]);
  t.true(isPage(page, 9));
  t.false(isPage(page, 8));
  for (let length = 0; length < page.length; length++)
    t.deepEqual(read(page.subarray(0, length)), [], `${length} bytes`);
});
