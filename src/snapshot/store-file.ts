import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncDirectory } from '../durable/durable-file.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** Bytes that may wait for the disk: what waits is written in one go, and who sends is not stopped for each piece. */
const WAITING_BYTES = 1024 * 1024;

/**
 * Writes what comes into `<path>.part`, mode 0600, and renames it to the path once all has come, `accept` has not thrown
 * and the disk has it. Whatever fails, the path shows nothing half. Throws a Failure, or what `accept` throws.
 */
export async function storeStream(
  path: string,
  source: Readable,
  accept: () => Promise<void>,
): Promise<void> {
  const part = `${path}.part`;
  const file = createWriteStream(part, {
    ...{ flags: 'wx', mode: 0o600, flush: true, highWaterMark: WAITING_BYTES },
  });
  try {
    await pipeline(source, file);
    await accept();
    await rename(part, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    // One that is still being opened would appear after it was removed.
    if (!file.closed) await new Promise<void>((resolve) => file.once('close', () => resolve()));
    // What was there before is somebody else's.
    if (!isCode(error, 'EEXIST')) await rm(part, { force: true });
    throw told(path, error);
  }
}

function told(path: string, error: unknown): unknown {
  if (isCode(error, 'EEXIST', 'EACCES', 'ENOENT')) {
    return new Failure('failed', `${path}.part: could not be made`, {
      cause: error,
      next: [remedy`name another directory with --out, or see who owns this one`],
    });
  }
  if (!isCode(error, 'ENOSPC')) return error;
  return new Failure('failed', `${path}: the disk of this machine is full`, {
    cause: error,
    next: [remedy`free some space, or name another directory with --out`],
  });
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
