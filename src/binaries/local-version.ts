import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { refuseOthersFiles } from '../trust/ownership.ts';
import type { Binary } from './binary.ts';
import { readNote, writeNote } from './note.ts';
import { readVersion } from './version.ts';

const HERE: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * What the program says of itself, where this machine can run it; undefined where it cannot, or where other accounts
 * could have put another program there. Remembered in the cache by its content, which says the same each time.
 */
export async function localVersion(
  binary: Pick<Binary, 'path' | 'architecture' | 'sha256'>,
  cache: string,
): Promise<string | undefined> {
  if (process.platform !== 'linux' || HERE[process.arch] !== binary.architecture) return undefined;
  try {
    refuseOthersFiles(binary.path, 'the program');
    const note = join(cache, 'versions', binary.sha256);
    const remembered = readVersion(await readNote(note));
    if (remembered !== undefined) return remembered;
    const { stdout } = await promisify(execFile)(binary.path, ['--version'], {
      ...{ timeout: 10_000, env: {}, cwd: dirname(binary.path) },
    });
    if (readVersion(stdout) !== undefined) await writeNote(note, stdout);
    return readVersion(stdout);
  } catch {
    // It is not for this machine after all, or not to be run: the hosts try it before anything is stopped for it.
    return undefined;
  }
}
