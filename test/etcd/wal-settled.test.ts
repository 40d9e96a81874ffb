import { readFileSync } from 'node:fs';
import test from 'ava';
import { crc32c } from '../../src/etcd/crc32c.ts';
import { isDamaged, settledLength } from '../../src/etcd/wal.ts';

const HEADS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('wal-heads.json', import.meta.url), 'utf8'),
);

// The check value of CRC-32C (RFC 3720, B.4 has others).
test('crc32c: is that of the standard, and goes on from what came before', (t) => {
  t.is(crc32c(0, Buffer.from('123456789')), 0xe3069283);
  t.is(crc32c(crc32c(0, Buffer.from('1234')), Buffer.from('56789')), 0xe3069283);
  t.is(crc32c(0, Buffer.alloc(32)), 0x8a9136aa);
});

/** Bytes of each real log that are settled: to its end where no leader has written to it, else to an entry of one. */
const SETTLED: Readonly<Record<string, number>> = {
  'unled 3.3.25': 720,
  'unled 3.5.16': 464,
  'unled 3.6.14': 464,
  'restored 3.3.25': 376,
  'restored 3.5.16': 400,
  'restored 3.6.14': 400,
  'led 3.3.25': 408,
  'led 3.5.16': 408,
  'led 3.6.14': 368,
};

test('settledLength: of real logs of every version, and less once a byte of them is wrong', (t) => {
  const found = Object.entries(HEADS).map(([name, head]) => {
    const log = Buffer.alloc(8192);
    Buffer.from(head, 'base64').copy(log);
    const settled = settledLength(log);
    // The last byte of data before the padding.
    const last = log.subarray(0, settled).findLastIndex((byte) => byte !== 0);
    log[last] = (log[last] ?? 0) ^ 1;
    t.true(settledLength(log) < settled, name);
    return [name, settled];
  });
  t.deepEqual(Object.fromEntries(found), SETTLED);
});

test('isDamaged: of real logs of every version no prefix is, and each is once a byte or a page of a record is wrong', (t) => {
  for (const [name, head] of Object.entries(HEADS)) {
    const log = Buffer.alloc(8192);
    Buffer.from(head, 'base64').copy(log);
    const settled = settledLength(log);
    for (const length of [settled, settled - 5, settled + 300, log.length])
      t.false(isDamaged(log.subarray(0, length)), `${name} ${length}`);
    const wrong = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(log.subarray(0, settled));
      change(copy);
      return isDamaged(copy);
    };
    t.true(
      wrong((copy) => copy.fill('X', 120, 128)),
      name,
    );
    t.true(
      wrong((copy) => copy.fill(0, 64, 200)),
      name,
    );
    t.true(
      wrong((copy) => copy.fill(0, 0, 200)),
      name,
    );
    // The length of a record, of which nothing else would tell.
    t.true(
      wrong((copy) => copy.fill('X', 0, 8)),
      name,
    );
  }
});

type Kind = 'conf' | 'normal' | 'state';

/** A log as etcd writes it: Save by Save, with what is on the disk for sure after each record. */
class Log {
  readonly bytes = Buffer.alloc(65_536);
  end = 0;
  synced = 0;
  #checksum = 0;
  #index = 0;
  /** Ends of entries that a leader made, and whether a state and more has come behind. */
  readonly records: { kind: Kind | 'other'; body: number; end: number }[] = [];

  constructor() {
    this.#record(4n, undefined, 'other');
    this.#record(1n, Buffer.from([8, 1, 16, 2]), 'other');
    this.#record(5n, Buffer.from([8, 0, 16, 0]), 'other');
    this.synced = this.end;
  }

  /** One Save; each record may be seen before the sync, which comes last. */
  *save(entries: readonly ('conf' | 'normal')[], hasState: boolean, random: () => number) {
    for (const kind of entries) {
      this.#index += 1;
      const size = 1 + Math.floor(random() * 300);
      const data = [8, kind === 'conf' ? 1 : 0, 16, 2, 24, this.#index & 0x7f, 34, ...varint(size)];
      this.#record(2n, Buffer.from([...data, ...Array.from({ length: size }, () => 7)]), kind);
      yield;
    }
    if (hasState) {
      this.#record(3n, Buffer.from([8, 2, 24, this.#index & 0x7f]), 'state');
      yield;
    }
    if (entries.length > 0) this.synced = this.end;
    yield;
  }

  #record(type: bigint, data: Buffer | undefined, kind: Kind | 'other'): void {
    if (type !== 4n) this.#checksum = crc32c(this.#checksum, data ?? Buffer.alloc(0));
    const body = Buffer.from([
      ...[8, Number(type), 16, ...varint(this.#checksum)],
      ...(data === undefined ? [] : [26, ...varint(data.length), ...data]),
    ]);
    const padding = (8 - (body.length % 8)) % 8;
    this.bytes.writeUInt32LE(body.length, this.end);
    if (padding > 0) this.bytes[this.end + 7] = 0x80 | padding;
    body.copy(this.bytes, this.end + 8);
    this.end += 8 + body.length + padding;
    this.records.push({ kind, body: this.end - padding, end: this.end });
  }
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return [...bytes, left];
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a sync behind an entry of a leader is seen by: a state, and something behind it. */
function shown(records: Log['records']): number | undefined {
  for (let at = records.length - 2; at > 0; at -= 1) {
    if (records[at]?.kind !== 'state') continue;
    return records.slice(0, at).findLast(({ kind }) => kind === 'normal')?.end;
  }
  return undefined;
}

test('settledLength: nothing counts that a loss of power may take, wherever the log is read; torn bytes never', (t) => {
  let settled = 0;
  for (let seed = 1; seed <= 120; seed += 1) {
    const random = randomFrom(seed);
    const log = new Log();
    const saves = [
      { entries: ['conf', 'conf', 'conf'] as const, hasState: true },
      ...Array.from({ length: 12 }, () => ({
        entries: Array.from({ length: Math.floor(random() * 4) }, () =>
          random() < 0.1 ? ('conf' as const) : ('normal' as const),
        ),
        hasState: random() < 0.7,
      })),
    ];
    for (const { entries, hasState } of saves) {
      let before = log.end;
      for (const _ of log.save(entries, hasState, random)) {
        // The whole record, and the same with its end not written yet.
        const torn = before + Math.floor(random() * (log.end - before));
        for (const cut of [log.end, torn]) {
          const seen = Buffer.alloc(16_384);
          log.bytes.copy(seen, 0, 0, cut);
          const found = settledLength(seen);
          // Padding is zeros, as what is not written is.
          const records = log.records.filter(({ body }) => body <= cut);
          const expected = shown(records) ?? records.at(-1)?.end;
          t.is(found, expected ?? 0, `seed ${seed}, cut at ${cut}`);
          if (shown(records) !== undefined) {
            settled += 1;
            t.true(found <= log.synced, `seed ${seed}: ${found} of ${log.synced} synced`);
          }
        }
        before = log.end;
      }
    }
  }
  t.true(settled > 1000, `${settled}`);
});
