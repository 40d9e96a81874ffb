import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

const PART = /\.[0-9a-f]{12}\.part$/;
const ABANDONED_AFTER_MILLISECONDS = 86_400_000;

/** Where downloads are kept: `provision` in XDG_CACHE_HOME, which counts only when absolute (XDG Base Directory 0.8). */
export function cacheHome(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(configured) ? configured : join(homedir(), '.cache'), 'provision');
}

/** A name nobody else uses at the moment, beside the final one. */
export function uniqueName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.part`;
}

/**
 * Fills a directory under a temporary name, then gives it its final one, so that it exists whole or not at all.
 * Runs side by side may both fill it; the first one stays. Throws what `fill` throws.
 */
export async function fillDirectory(
  directory: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = uniqueName(directory);
  await makeCacheDirectory(temporary);
  await removeAbandonedParts(directory);
  try {
    await fill(temporary);
    await rename(temporary, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Makes a directory of the cache. Throws a Failure that says how to choose another place. */
export async function makeCacheDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('failed', `the cache ${directory} cannot be made (${cause.code})`, {
      cause,
      next: [remedy`set XDG_CACHE_HOME to a directory you can write to`],
    });
  });
}

// A run that was killed leaves its part behind; a run that is still alive is never a day old.
async function removeAbandonedParts(directory: string): Promise<void> {
  const parent = dirname(directory);
  const stem = basename(directory);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(stem) || !PART.test(name)) continue;
    const part = join(parent, name);
    const { mtimeMs } = await stat(part);
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MILLISECONDS) {
      await rm(part, { recursive: true, force: true });
    }
  }
}
