/** CRC-32C (Castagnoli, reflected), as Go's hash/crc32 computes it. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** The checksum of what came before, whose checksum is `before`, and these bytes after it. */
export function crc32c(before: number, bytes: Uint8Array): number {
  let value = ~before >>> 0;
  for (const byte of bytes) value = ((TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8)) >>> 0;
  return ~value >>> 0;
}
