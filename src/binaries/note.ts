import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { uniqueName } from './cache.ts';

/** What was noted; empty where nothing was, or where it cannot be read. */
export async function readNote(note: string): Promise<string> {
  try {
    return await readFile(note, 'utf8');
  } catch {
    // Expected the first time; and what cannot be remembered is computed.
    return '';
  }
}

/** Notes it for the next run, where that can be done. */
export async function writeNote(note: string, text: string): Promise<void> {
  const temporary = uniqueName(note);
  try {
    await mkdir(dirname(note), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, note);
  } catch {
    // A full or read-only home directory costs the next run a tenth of a second at most, nothing else.
  }
}
