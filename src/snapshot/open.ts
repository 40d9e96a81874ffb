import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Failure } from '../failure/failure.ts';
import { filePieces } from '../host/file-pieces.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { decrypt, type Key } from './encryption.ts';

const CHUNK_BYTES = 256 * 1024;
const AGE = 'age-encryption.org/';

/** Whether the file is encrypted, by its first bytes. Throws a Failure where it cannot be read. */
export async function isEncrypted(path: string): Promise<boolean> {
  const head = Buffer.alloc(AGE.length);
  // Without O_NONBLOCK a named pipe would be waited for before it could be refused.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `${path}: could not be read (${cause.code})`, {
      cause,
      next: [remedy`${provision('snapshot', 'list', INVENTORY)} shows the snapshots there are`],
    });
  });
  try {
    if (!(await file.stat()).isFile()) {
      throw new Failure('usage', `${path}: is not a file`, {
        next: [
          remedy`name the snapshot file itself: ${provision('snapshot', 'list', INVENTORY)} shows those there are`,
        ],
      });
    }
    const { bytesRead } = await file.read(head);
    return head.subarray(0, bytesRead).toString('latin1') === AGE;
  } finally {
    await file.close();
  }
}

/** The snapshot in the file as it was taken, decrypted where it is encrypted. Throws a Failure, at once or while reading. */
export async function openSnapshot(path: string, key: Key | undefined): Promise<Readable> {
  return (await isEncrypted(path)) ? decrypted(path, key) : plain(path);
}

/** The snapshot as `openSnapshot` gives it, for `Host.run` to send. Throws a Failure, at once or while reading. */
export async function piecesOfSnapshot(
  path: string,
  key: Key | undefined,
): Promise<AsyncIterable<Buffer>> {
  return (await isEncrypted(path)) ? decrypted(path, key) : filePieces(path);
}

async function decrypted(path: string, key: Key | undefined): Promise<Readable> {
  if (key === undefined)
    throw new Failure('usage', `${path}: is encrypted, and no key was given`, {
      next: [remedy`add --identity FILE or --passphrase-from`],
    });
  return decrypt(plain(path), key, path);
}

// A generator is only asked for the next chunk when the last one was taken, so nothing piles up in memory.
function plain(path: string): Readable {
  return Readable.from(chunks(path), { objectMode: false });
}

async function* chunks(path: string): AsyncIterable<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}
