import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { makePrivateDirectory } from '../../pki/store/store-files.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Secret } from '../../shell/secret.ts';

/** A file a command leaves for its caller. */
export interface OutputFile {
  readonly name: string;
  readonly content: string | Buffer | Secret;
}

/**
 * Writes the files, each with mode 0600, and gives their paths. Throws a Failure before anything is written when one
 * of them is there already, unless they may be replaced.
 */
export async function writeOutput(
  directory: string,
  files: readonly OutputFile[],
  overwrite: boolean,
): Promise<readonly string[]> {
  const paths = files.map(({ name }) => join(directory, name));
  await refuseExisting(directory, files, overwrite);
  await makePrivateDirectory(directory);
  for (const [index, { content }] of files.entries()) {
    await writeAtomically(paths[index] ?? '', content);
  }
  return paths;
}

/** Throws a Failure when one of the files is there already, unless they may be replaced. */
export async function refuseExisting(
  directory: string,
  files: readonly OutputFile[],
  overwrite: boolean,
): Promise<void> {
  if (overwrite) return;
  for (const { name } of files) {
    const path = join(directory, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) {
      throw new Failure('refused', `${path}: is there already`, {
        next: [remedy`add --overwrite, or name another --out or --name`],
      });
    }
  }
}

/** A file name made of what a person typed; throws a Failure for one that would lead elsewhere. */
export function plainName(name: string): string {
  if (/^[\w@+:-][\w.@+:-]{0,120}$/.test(name)) return name;
  throw new Failure('usage', `${JSON.stringify(name)} makes no file name`, {
    next: [remedy`name the files with --name`],
  });
}
