import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { Secret } from '../shell/secret.ts';

/** The text of a file, or undefined when there is none. Throws a Failure naming the path. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/**
 * Writes the file with mode 0600 so that a reader sees the old content or the new and a power cut loses neither:
 * exclusive temporary file, fsync, rename, fsync of the directory. Throws a Failure naming the path.
 */
export async function writeAtomically(
  path: string,
  content: string | Buffer | Secret,
): Promise<void> {
  try {
    await viaTemporary(path, content, (temporary) => rename(temporary, path));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The same for a file that must not be there yet: false, and nothing written, when somebody else was first. */
export async function writeFirst(path: string, content: string | Secret): Promise<boolean> {
  try {
    await viaTemporary(path, content, async (temporary) => {
      // Unlike rename(2), link(2) replaces nothing.
      await link(temporary, path);
      await rm(temporary);
    });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unwritable(path, error);
  }
}

/** Removes the file so that a power cut does not bring it back; one that is not there is no mistake. */
export async function removeDurably(path: string): Promise<void> {
  try {
    await rm(path);
    await syncDirectory(dirname(path));
  } catch (error) {
    if (isMissing(error)) return;
    throw new Failure('failed', `${path}: could not be removed`, { cause: error });
  }
}

/** Has the disk keep what was renamed, linked or removed in the directory. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the error says that a file or directory does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The Failure of a file that is there and cannot be read. */
export function unreadable(path: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
  return new Failure('failed', `${path}: could not be read${code}`, { cause: error });
}

function unwritable(path: string, error: unknown): Failure {
  return new Failure('failed', `${path}: could not be written`, {
    cause: error,
    next: [
      remedy`free space or fix the permissions of the directory; the old file, if any, is untouched`,
    ],
  });
}

async function viaTemporary(
  path: string,
  content: string | Buffer | Secret,
  putInPlace: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID()}.new`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(content instanceof Secret ? content.reveal() : content);
    await file.sync();
    await putInPlace(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}
