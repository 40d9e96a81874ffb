import { readFile } from 'node:fs/promises';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';

/** The text of a file named on the command line; throws a usage Failure that names it. */
export async function readInput(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failure('usage', `${path}: could not be read`, {
      cause: error,
      next: [remedy`name a file that exists and that you may read`],
    });
  });
}
