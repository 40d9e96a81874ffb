import { crc32c } from './crc32c.ts';

/** Whose log it is: ids of 16 hexadecimal digits. */
export interface WalOwner {
  readonly memberId: string;
  readonly clusterId: string;
}

/**
 * Whose write-ahead log this is, read from the first bytes of any of its segments, or undefined where they do not say.
 * Each segment starts with a checksum record, then a metadata record (etcd server/storage/wal: 8-byte little-endian
 * length, then walpb.Record {1: type, 2: crc, 3: data}; metadata is type 1, its data raft Metadata {1: NodeID, 2: ClusterID}).
 */
export function readWalOwner(head: Buffer): WalOwner | undefined {
  for (const fields of recordsOf(head, 4).records) {
    if (fields.numbers.get(1) === METADATA) return owner(readFields(fields.bytes.get(3)).numbers);
  }
  return undefined;
}

/**
 * How many bytes of a segment, given its beginning, never change again, whatever happens to the host. The records of a log
 * that another one has replaced are others from the start or soon: what a member writes between entries, its term and what
 * is committed, depends on when it hears of them.
 *
 * etcd saves entries, then the state, then syncs if there were entries (server/storage/wal Save), and only then saves more.
 * So what comes behind a state shows that the entries before it are on the disk. What follows the last of those may be lost
 * with the power, or be half written: the next start writes something else there. A log so young that nothing shows it
 * counts as far as its checksums hold.
 */
export function settledLength(beginning: Buffer): number {
  const whole = wholeRecords(beginning);
  const lastState = whole.slice(0, -1).findLastIndex(({ numbers }) => numbers.get(1) === STATE);
  const lastEntry = whole.slice(0, lastState + 1).findLast(isNormalEntry);
  return (lastEntry ?? whole.at(-1))?.end ?? 0;
}

/**
 * Whether the beginning of a segment was damaged: a record does not fit its checksum, is longer than any that etcd writes, or
 * something follows where the written part ends. A log that another one has replaced is whole.
 */
export function isDamaged(beginning: Buffer): boolean {
  const { records, ended } = recordsOf(beginning, Number.POSITIVE_INFINITY);
  if (wholeRecords(beginning).length < records.length) return true;
  const rest = beginning.subarray(records.at(-1)?.end ?? 0);
  if (ended) return rest.some((byte) => byte !== 0);
  return rest.length >= 8 && rest.readUInt32LE(0) > LONGEST;
}

/** Bytes; etcd reads no record that is longer than its segment (server/storage/wal decoder.go), and begins a new one at 64 MB. */
const LONGEST = 256 * 1024 * 1024;

/** The first records of a segment as far as each fits its checksum, which goes on from that of the record before. */
function wholeRecords(segment: Buffer) {
  const { records } = recordsOf(segment, Number.POSITIVE_INFINITY);
  let checksum = 0;
  const wrong = records.findIndex(({ numbers, bytes }) => {
    const told = Number(numbers.get(2) ?? 0n);
    // At the beginning of a segment stands the checksum of the segment before.
    const isBeginning = numbers.get(1) === CHECKSUM;
    checksum = isBeginning ? told : crc32c(checksum, bytes.get(3) ?? Buffer.alloc(0));
    return checksum !== told;
  });
  return wrong < 0 ? records : records.slice(0, wrong);
}

/**
 * Whether the cluster of this log has ever had a leader, read from the beginning of its first segment. A restored log
 * holds changes of membership only (etcdutl snapshot restore, etcd-facts §4); the first normal entry is the one a leader
 * begins its term with, so without one nothing was ever acknowledged. A beginning that is full of other records says
 * nothing, and counts as yes.
 */
export function hasHadLeader(beginning: Buffer): boolean {
  const { records, ended } = recordsOf(beginning, Number.POSITIVE_INFINITY);
  return records.some(isNormalEntry) || !ended;
}

/** Whether the record is an entry that a leader has made, and no change of membership. */
function isNormalEntry({ numbers, bytes }: ReturnType<typeof readFields>): boolean {
  return numbers.get(1) === ENTRY && (readFields(bytes.get(3)).numbers.get(1) ?? 0n) === 0n;
}

/**
 * Whether the log has anything beside what a first start writes itself (its members, in term 1: etcd-io/raft bootstrap.go),
 * from the beginning of its only segment; undefined where that does not say. A restored log says so by a snapshot record,
 * which has an index then.
 */
export function wasLed(head: Buffer): boolean | undefined {
  const { records, ended } = recordsOf(head, Number.POSITIVE_INFINITY);
  const isLater = records.some(({ numbers, bytes }) => {
    const told = readFields(bytes.get(3)).numbers;
    if (numbers.get(1) === ENTRY) return (told.get(2) ?? 0n) > 1n || (told.get(1) ?? 0n) === 0n;
    return numbers.get(1) === SNAPSHOT && (told.get(1) ?? 0n) > 0n;
  });
  if (isLater) return true;
  return ended && records.some(({ numbers }) => numbers.get(1) === METADATA) ? false : undefined;
}

const METADATA = 1n;
const ENTRY = 2n;
const STATE = 3n;
const CHECKSUM = 4n;
const SNAPSHOT = 5n;

/** The first records of a segment, and whether its written part ended before the bytes did. */
function recordsOf(segment: Buffer, most: number) {
  const records: (ReturnType<typeof readFields> & { readonly end: number })[] = [];
  let offset = 0;
  while (records.length < most && offset + 8 <= segment.length) {
    // The top byte holds the padding, the lower 56 bits the length; no record comes near 32 bits.
    const length = segment.readUInt32LE(offset);
    const padding = (segment[offset + 7] ?? 0) & 0x80 ? (segment[offset + 7] ?? 0) & 0x07 : 0;
    // Segments are allocated in advance: behind the last record there are zeros.
    if (length === 0) return { records, ended: true };
    const body = segment.subarray(offset + 8, offset + 8 + length);
    if (body.length < length) return { records, ended: false };
    offset += 8 + length + padding;
    records.push({ ...readFields(body), end: Math.min(offset, segment.length) });
  }
  return { records, ended: false };
}

function owner(numbers: ReadonlyMap<number, bigint>): WalOwner | undefined {
  const memberId = numbers.get(1);
  const clusterId = numbers.get(2);
  if (memberId === undefined || clusterId === undefined) return undefined;
  return { memberId: hex(memberId), clusterId: hex(clusterId) };
}

function hex(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** The varint and length-delimited fields of a protobuf message; what cannot be read ends the walk. */
function readFields(message: Buffer = Buffer.alloc(0)) {
  const numbers = new Map<number, bigint>();
  const bytes = new Map<number, Buffer>();
  let offset = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && offset < message.length; shift += 7n) {
      const byte = message[offset++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };

  while (offset < message.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) {
      numbers.set(tag >> 3, varint());
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      bytes.set(tag >> 3, message.subarray(offset, offset + length));
      offset += length;
    } else break;
  }
  return { numbers, bytes };
}
