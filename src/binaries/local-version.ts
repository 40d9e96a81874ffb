import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { refuseOthersFiles } from '../trust/ownership.ts';
import type { Binary } from './binary.ts';
import { readVersion } from './version.ts';

const HERE: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * What the program says of itself, where this machine can run it; undefined where it cannot, or where other accounts
 * could have put another program there.
 */
export async function localVersion(binary: Pick<Binary, 'path' | 'architecture'>) {
  if (process.platform !== 'linux' || HERE[process.arch] !== binary.architecture) return undefined;
  try {
    refuseOthersFiles(binary.path, 'the program');
    const { stdout } = await promisify(execFile)(binary.path, ['--version'], {
      ...{ timeout: 10_000, env: {}, cwd: dirname(binary.path) },
    });
    return readVersion(stdout);
  } catch {
    // It is not for this machine after all, or not to be run: the hosts try it before anything is stopped for it.
    return undefined;
  }
}
