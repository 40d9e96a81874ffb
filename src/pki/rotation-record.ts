import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { readIfThere, writeAtomically } from './store-files.ts';

/** What a store keeps of a rotation of its CA beside the CAs themselves. */
export interface RotationRecord {
  /** Since when leaves come from the CA that signs now; ISO 8601. */
  readonly since?: string;
  /** The rotation goes back: the CA that signs, or will, is the one from before it. */
  readonly back?: boolean;
  /** Who agreed that trust in the other CA ends, and when. */
  readonly consent?: { readonly at: string; readonly by: string };
  /** When the store gave the other CA up; ISO 8601. */
  readonly ended?: string;
  /** When it was proven after that that members refuse it; ISO 8601. */
  readonly proven?: string;
}

/** The record in the directory of a CA; an empty one where a version before this left none. */
export async function readRecord(directory: string): Promise<RotationRecord> {
  const path = recordPath(directory);
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) throw new TypeError('not an object');
    return found;
  } catch (error) {
    throw new Failure('failed', `${path}: is not a record of a rotation`, {
      cause: error,
      next: `mv ${path} ${path}.damaged, then run the command again: it asks for consent again`,
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
