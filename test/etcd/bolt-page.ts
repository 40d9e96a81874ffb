/** A leaf page, or a bucket's own leaf without a number, with these keys and values. */
export function leaf(id: number, pairs: readonly (readonly [string, Buffer])[]): Buffer {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(id), 0);
  header.writeUInt16LE(2, 8);
  header.writeUInt16LE(pairs.length, 10);
  const elements = Buffer.alloc(16 * pairs.length);
  let behind = 0;
  for (const [index, [key, value]] of pairs.entries()) {
    elements.writeUInt32LE(elements.length - 16 * index + behind, 16 * index + 4);
    elements.writeUInt32LE(key.length, 16 * index + 8);
    elements.writeUInt32LE(value.length, 16 * index + 12);
    behind += key.length + value.length;
  }
  const bodies = pairs.flatMap(([key, value]) => [Buffer.from(key), value]);
  return Buffer.concat([header, elements, ...bodies]);
}
