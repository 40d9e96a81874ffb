import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readNote, writeNote } from './note.ts';

// A file changed twice within one tick of the clock looks unchanged; what is younger than this is hashed again.
const SETTLED_AFTER_NANOSECONDS = 2_000_000_000n;

/**
 * The sha256 of a local file, in hexadecimal digits. Remembered in the cache beside size, times and inode, because
 * hashing three programs costs a tenth of a second on every run. Throws what the file system says.
 */
export async function rememberedSum(path: string, cache: string): Promise<string> {
  const note = join(cache, 'sums', createHash('sha256').update(path).digest('hex').slice(0, 32));
  const before = await identity(path);
  const [sum, remembered] = (await readNote(note)).split(' ');
  if (sum !== undefined && remembered === before.text) return sum;

  const fresh = await sha256OfFile(path);
  const after = await identity(path);
  if (after.text === before.text && after.settled) await writeNote(note, `${fresh} ${after.text}`);
  return fresh;
}

/** The sha256 of a file, in hexadecimal digits, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function identity(path: string): Promise<{ text: string; settled: boolean }> {
  const { size, mtimeNs, ctimeNs, ino, dev } = await stat(path, { bigint: true });
  const age = BigInt(Date.now()) * 1_000_000n - ctimeNs;
  return {
    text: [size, mtimeNs, ctimeNs, ino, dev].join(':'),
    settled: age > SETTLED_AFTER_NANOSECONDS,
  };
}
