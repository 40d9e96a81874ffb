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
  let offset = 0;
  for (let record = 0; record < 4 && offset + 8 <= head.length; record++) {
    // The top byte holds the padding, the lower 56 bits the length; a head is far below 32 bits.
    const length = head.readUInt32LE(offset);
    const padding = (head[offset + 7] ?? 0) & 0x80 ? (head[offset + 7] ?? 0) & 0x07 : 0;
    const body = head.subarray(offset + 8, offset + 8 + length);
    if (length === 0 || body.length < length) return undefined;
    const fields = readFields(body);
    if (fields.numbers.get(1) === 1n) return owner(readFields(fields.bytes.get(3)).numbers);
    offset += 8 + length + padding;
  }
  return undefined;
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
