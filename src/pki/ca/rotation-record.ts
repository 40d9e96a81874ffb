import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';

const time = z.iso.datetime({ offset: true });

const schema = z
  .object({
    since: time.describe('since when leaves come from the CA that signs now'),
    back: z
      .boolean()
      .describe('the rotation goes back: the CA that signs, or will, is the one from before it'),
    consent: z
      .object({ at: time, by: z.string() })
      .describe('who agreed that trust in the other CA ends, and when'),
    ended: time.describe('when the store gave the other CA up'),
    proven: time.describe('when it was proven after that that members refuse it'),
  })
  .partial();

/** What a store keeps of a rotation of its CA beside the CAs themselves. */
export type RotationRecord = z.output<typeof schema>;

/** The record in the directory of a CA; an empty one where a version before this left none. */
export async function readRecord(directory: string): Promise<RotationRecord> {
  const path = recordPath(directory);
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure('failed', `${path}: is not a record of a rotation`, {
      cause: error,
      next: [
        remedy`mv ${quote(path)} ${quote(`${path}.damaged`)}; then run the command again: it asks for consent again`,
      ],
    });
  }
}

/** Writes the record beside a CA. */
export async function writeRecord(directory: string, record: RotationRecord): Promise<void> {
  await writeAtomically(recordPath(directory), `${JSON.stringify(record)}\n`);
}

function recordPath(directory: string): string {
  return join(directory, 'rotation.json');
}
