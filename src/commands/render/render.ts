import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { desiredCluster } from '../../desired/cluster.ts';
import { type RenderedFile, renderedFiles } from '../../desired/render.ts';
import { loadTemplates } from '../../desired/templates.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import { remedy } from '../../problem/remedy.ts';
import { NOTE, printedFiles, writtenFiles } from '../../report/rendered-text.ts';
import type { ArgumentsOf } from '../command.ts';
import type { renderOptions } from './options.ts';

/** Writes (or prints) the files each host would get at a first start, without talking to any. */
export async function render({
  inventory: path,
  out,
  json,
}: ArgumentsOf<typeof renderOptions>): Promise<void> {
  const { inventory, warnings } = await readInventory(path);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const desired = desiredCluster(inventory, await loadTemplates());
  const files = renderedFiles(desired);
  if (out !== undefined) await write(out, files);

  if (json) console.log(JSON.stringify({ cluster: desired.name, out, note: NOTE, files }));
  else
    console.log(
      out === undefined
        ? printedFiles(files)
        : writtenFiles(files.map((file) => join(out, local(file)))),
    );
}

async function write(out: string, files: readonly RenderedFile[]): Promise<void> {
  const foreign = await Promise.all(files.map((file) => isForeign(join(out, local(file)))));
  const kept = files.find((_, index) => foreign[index]);
  if (kept !== undefined) {
    throw new Failure('refused', `${join(out, local(kept))} was not written by provision`, {
      next: [remedy`name another directory with --out`],
    });
  }
  for (const file of files) {
    const target = join(out, local(file));
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, file.content);
    } catch (cause) {
      // A path that is taken, a full disk, no right to write: the system's own words say which.
      throw new Failure('failed', `${target} cannot be written`, {
        cause,
        next: [remedy`name another directory with --out`],
      });
    }
  }
}

function local({ member, path }: RenderedFile): string {
  return join(member, path);
}

async function isForeign(path: string): Promise<boolean> {
  try {
    return !(await readFile(path, 'utf8')).startsWith('# provision: cluster ');
  } catch {
    // ENOENT, ENOTDIR: nothing is there to be overwritten. Whatever else is wrong, writing will say.
    return false;
  }
}
