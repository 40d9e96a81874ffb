import test from 'ava';
import { hasHadLeader, readWalOwner } from '../../src/etcd/wal.ts';

/** A protobuf varint field. */
const number = (field: number, value: number): Buffer => Buffer.from([field << 3, value]);
const bytes = (field: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2, body.length]), body]);

/** A record as etcd frames it: eight bytes of length and padding, the record, zeros up to a multiple of eight. */
function record(type: number, data?: Buffer): Buffer {
  const body = Buffer.concat([
    number(1, type),
    number(2, 5),
    ...(data === undefined ? [] : [bytes(3, data)]),
  ]);
  const padding = (8 - (body.length % 8)) % 8;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length);
  if (padding > 0) head[7] = 0x80 | padding;
  return Buffer.concat([head, body, Buffer.alloc(padding)]);
}

const entry = (type: number, term: number, index: number): Buffer =>
  record(2, Buffer.concat([number(1, type), number(2, term), number(3, index)]));
const state = (term: number): Buffer =>
  record(3, Buffer.concat([number(1, term), number(2, 1), number(3, 3)]));
const NORMAL = 0;
const MEMBERSHIP = 1;

/** As `etcdutl snapshot restore` leaves it for three members. */
const restored = [
  record(4),
  record(1, Buffer.concat([number(1, 7), number(2, 9)])),
  record(5, number(1, 0)),
  ...[1, 2, 3].map((index) => entry(MEMBERSHIP, 1, index)),
  state(1),
  record(5, number(1, 3)),
];
const allocated = Buffer.alloc(4096);

const led = test.macro((t, log: readonly Buffer[], expected: boolean) => {
  t.is(hasHadLeader(Buffer.concat(log)), expected);
});

test('hasHadLeader: not in a log that was only restored', led, [...restored, allocated], false);
test(
  'hasHadLeader: not in one whose member asked for votes and got none',
  led,
  [...restored, state(2), state(3), allocated],
  false,
);
test(
  'hasHadLeader: in one with the entry that a leader begins its term with',
  led,
  [...restored, state(2), entry(NORMAL, 2, 4), allocated],
  true,
);
test(
  'hasHadLeader: where the beginning holds nothing but other records, nobody can say no',
  led,
  [...restored, state(2)],
  true,
);
test('hasHadLeader: an empty log is of nobody', led, [allocated], false);
test('readWalOwner: reads the owner of a restored log', (t) => {
  t.deepEqual(readWalOwner(Buffer.concat([...restored, allocated])), {
    memberId: '0000000000000007',
    clusterId: '0000000000000009',
  });
});
