import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { Secret } from '../shell/secret.ts';

/**
 * The text of a file, or undefined when there is none. Throws a Failure naming the path, also where something else is in
 * its place: a pipe is not waited for, and a link to nothing is not taken for a missing file, since what it leads to may be
 * on a disk that is not mounted.
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  const file = await openFile(path);
  try {
    return await file?.readFile('utf8');
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}

/** Throws a Failure where something else than a file is in its place; a missing file is none. */
export async function refuseStrange(path: string): Promise<void> {
  await (await openFile(path))?.close();
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK a pipe is waited for.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (!isMissing(error)) throw unreadable(path, error);
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) return undefined;
    throw new Failure('failed', `${path}: is a link to ${target}, which is not there`, {
      next: [
        remedy`mount the disk it is on; or, if it is not needed: mv ${quote(path)} ${quote(`${path}.found`)}; then run the same command again`,
      ],
    });
  }
  const stats = await file.stat();
  // As `UserKnownHostsFile /dev/null`, and what a history is linked to.
  if (stats.isFile() || (await realpath(path)) === devNull) return file;
  await file.close();
  throw strange(path, kindOf(stats));
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  return 'a device';
}

function strange(path: string, kind: string): Failure {
  return new Failure('failed', `${path}: is ${kind}; it should be a file, or missing`, {
    next: [
      remedy`see what it is: ls -ld ${quote(path)}; put back the file that belongs there, or, if there never was one: mv ${quote(path)} ${quote(`${path}.found`)}; then run the same command again`,
    ],
  });
}

/**
 * Writes the file with this mode (0600) so that a reader sees the old content or the new and a power cut loses neither:
 * exclusive temporary file, fsync, rename, fsync of the directory. Throws a Failure naming the path.
 */
export async function writeAtomically(
  path: string,
  content: string | Buffer | Secret,
  mode = 0o600,
): Promise<void> {
  try {
    await viaTemporary(path, content, (temporary) => rename(temporary, path), mode);
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
    throw new Failure('failed', `${path}: could not be removed`, {
      cause: error,
      next: [
        remedy`see who owns it and its directory: ls -ld ${quote(path)} ${quote(dirname(path))}`,
      ],
    });
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EISDIR') return strange(path, 'a directory');
  // open(2): what a socket answers.
  if (code === 'ENXIO') return strange(path, 'a socket');
  return new Failure('failed', `${path}: could not be read${code === '' ? '' : ` (${code})`}`, {
    cause: error,
    next: [
      remedy`see who may read it, and whether its disk is well: ls -ld ${quote(path)}; then run the same command again`,
    ],
  });
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
  mode = 0o600,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomUUID()}.new`;
  const file = await open(temporary, 'wx', mode);
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
