import { stat } from 'node:fs/promises';
import { writeAtomically } from '../durable/durable-file.ts';

/** Writes another text into an inventory file, which keeps its mode. Throws a Failure naming the path. */
export async function writeInventory(path: string, text: string): Promise<void> {
  await writeAtomically(path, text, (await stat(path)).mode & 0o777);
}
