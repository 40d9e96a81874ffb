/** The little of protobuf that etcd's services need: varints and byte strings. */
export type Field = readonly [number: number, value: Buffer | string | number | bigint | boolean];

/** A message of these fields; what is empty, 0 or false is left out, as proto3 does. */
export function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value !== 'string' && !Buffer.isBuffer(value))
        return BigInt(value) === 0n ? [] : [varint(BigInt(number << 3)), varint(BigInt(value))];
      const bytes = Buffer.from(value);
      return bytes.length === 0
        ? []
        : [varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes];
    }),
  );
}

export interface Message {
  /** Every byte string under this number, in order. */
  bytes(number: number): readonly Buffer[];
  /** The last varint under this number, else 0. */
  int(number: number): bigint;
}

/** Reads a message of varints and byte strings. Throws on any other wire type, which etcd's answers do not use. */
export function decode(message: Buffer): Message {
  const strings = new Map<number, Buffer[]>();
  const ints = new Map<number, bigint>();
  let at = 0;
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = Number(next());
    const number = tag >> 3;
    if ((tag & 7) === 0) ints.set(number, next());
    else if ((tag & 7) === 2) {
      const length = Number(next());
      strings.set(number, [...(strings.get(number) ?? []), message.subarray(at, at + length)]);
      at += length;
    } else throw new Error(`wire type ${tag & 7} at byte ${at}`);
  }
  return { bytes: (number) => strings.get(number) ?? [], int: (number) => ints.get(number) ?? 0n };
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80n;
    bytes.push(Number(rest & 0x7fn) + (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
