import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { Secret } from '../shell/secret.ts';
import { refuseOthersFiles } from '../trust/ownership.ts';

/** Where the PKI store of an inventory is: `pki.store` from the inventory's directory (~ is your home), else `<cluster>.pki` there. */
export function storeDirectory(
  inventory: { readonly cluster: string; readonly pki: { readonly store?: string | undefined } },
  inventoryDirectory: string,
): string {
  const store = inventory.pki.store ?? `${inventory.cluster}.pki`;
  return resolve(inventoryDirectory, store.replace(/^~(?=\/|$)/, homedir()));
}

/** Where the CAs above a brought CA stand; absent for a CA of our own. */
export function chainPath(directory: string): string {
  return join(directory, 'ca-chain.crt');
}

/** The text of a file of the store, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** A key file of the store as a Secret, or undefined when there is none. */
export async function readSecretIfThere(path: string): Promise<Secret | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : new Secret(text);
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

function unwritable(path: string, error: unknown): Failure {
  return new Failure('failed', `${path}: could not be written`, {
    cause: error,
    next: 'free space or fix the permissions of the directory; the old file, if any, is untouched',
  });
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

/** Makes the directory (0700) and those above it where they are missing. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure('failed', `${directory}: could not be made`, { cause: error });
  }
}

/** Throws a Failure (refused) when anybody but the owner has rights to the file or directory. */
export async function refuseIfShared(path: string): Promise<void> {
  const { mode } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  refuseOthersFiles(path, 'the key file or store');
  if ((mode & 0o077) === 0) return;
  const shown = (mode & 0o7777).toString(8).padStart(4, '0');
  throw new Failure('refused', `${path}: mode ${shown} lets others at the keys of the cluster`, {
    next: `chmod go= ${path}`,
  });
}

/** Whether the error says that a file or directory does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(path: string, error: unknown): Failure {
  return new Failure('failed', `${path}: could not be read`, { cause: error });
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
