import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { writeAtomically } from '../durable/durable-file.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** Writes another text into an inventory file, which keeps its mode. Throws a Failure naming the path. */
export async function writeInventory(path: string, text: string): Promise<void> {
  await writeAtomically(path, text, (await stat(path)).mode & 0o777);
}

/** Writes a first inventory. Throws a Failure where the file is there already, or cannot be made. */
export async function writeFirstInventory(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw isThere(path);
    // No such directory, no right to write, a full disk: the system's own words say which.
    throw new Failure('failed', `${path} cannot be written`, {
      cause,
      next: [remedy`name a file in a directory that exists and that you may write to`],
    });
  }
}

/** The same refusal before anything is asked of a host. */
export function refuseExistingInventory(path: string): void {
  if (existsSync(path)) throw isThere(path);
}

function isThere(path: string): Failure {
  return new Failure('refused', `${path} exists already and is left as it is`, {
    next: [remedy`name another file`],
  });
}
