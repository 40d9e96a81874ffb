import { createHash } from 'node:crypto';

const TRAILER = 32;
const PAGE = 4096;

/** The database in a snapshot, without the checksum behind it. */
export function bare(snapshot: Buffer): Buffer {
  return snapshot.subarray(0, -TRAILER);
}

/** The snapshot with one bit turned in its middle. */
export function flipped(snapshot: Buffer): Buffer {
  const damaged = Buffer.from(snapshot);
  const at = Math.floor(snapshot.length / 2);
  damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
  return damaged;
}

/**
 * The snapshot with one bit turned in the head of the page that holds `text`, so that the database is damaged, and a
 * checksum that fits all the same, as a disk or a memory that lies would make it.
 */
export function damagedAndSealed(snapshot: Buffer, text: string): Buffer {
  const database = Buffer.from(bare(snapshot));
  const page = Math.floor(database.indexOf(text) / PAGE) * PAGE;
  // A page begins with its number, eight bytes.
  database.writeUInt8(database.readUInt8(page) ^ 4, page);
  return sealed(database);
}

/** The database with the checksum a snapshot has. */
export function sealed(database: Buffer): Buffer {
  return Buffer.concat([database, createHash('sha256').update(database).digest()]);
}

/** In hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
