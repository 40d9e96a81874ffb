import * as z from 'zod';
import { readIfThere, writeAtomically } from '../durable/durable-file.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

const sum = z.string().regex(/^[0-9a-f]{64}$/);
const amount = z.int().min(0);

const schema = z.object({
  cluster: z.string().describe('name of the cluster it was taken from'),
  clusterId: z.string().optional(),
  peers: z.array(z.string()).optional().describe('peer URLs of its members then'),
  member: z.string().describe('the member it was taken from'),
  etcd: z.string().describe('version of etcd there'),
  revision: amount,
  totalKeys: amount.describe("as etcd's own tool of that version counts them"),
  keys: amount.optional().describe('keys alive at the revision, where etcd let us count'),
  takenAt: z.iso.datetime(),
  size: amount.describe('of the snapshot, bytes'),
  sha256: sum.describe('of the snapshot'),
  stored: z
    .object({ size: amount, sha256: sum })
    .optional()
    .describe('the encrypted file, where it is one'),
  drill: z
    .object({
      at: z.iso.datetime(),
      member: z.string(),
      etcd: z.string(),
      keys: amount.optional(),
      fault: z.string().optional().describe('why it could not be restored, if so'),
    })
    .optional()
    .describe('the last attempt to restore it on trial'),
});

/** What is known of a snapshot beside its file. */
export type SnapshotRecord = z.output<typeof schema>;
export type Drill = NonNullable<SnapshotRecord['drill']>;

/** Where the record of a snapshot file is. */
export function recordPath(file: string): string {
  return `${file}.json`;
}

/** The record of a snapshot file, or undefined where there is none. Throws a Failure where it is damaged. */
export async function readRecord(file: string): Promise<SnapshotRecord | undefined> {
  const path = recordPath(file);
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseRecord(text, path);
}

/** The record in the text; throws a Failure that names the path where it is none. */
export function parseRecord(text: string, path: string): SnapshotRecord {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    // SyntaxError or ZodError: not ours, or damaged.
    throw new Failure('failed', `${path}: is damaged, or no record of a snapshot`, {
      cause,
      next: [remedy`move ${path} away to go on without it`],
    });
  }
}

/** Writes the record beside its snapshot, mode 0600; a reader sees the old one or the new one. Throws a Failure. */
export async function writeRecord(file: string, record: SnapshotRecord): Promise<void> {
  await writeAtomically(recordPath(file), `${JSON.stringify(record, undefined, 2)}\n`);
}
