import * as z from 'zod';
import { readIfThere, writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const record = z.strictObject({
  sha256,
  publicKeySha256: sha256,
  /** Where it lies there, where somebody else has made it together with its certificate. */
  madeByOthers: z.string().startsWith('/').optional(),
});

/** What identifies a key that its host keeps: checksums of its file there and of its public half. */
export type HostKey = z.output<typeof record>;

/** The record of a key on a host, or undefined when there is none. Throws a Failure when it cannot be read. */
export async function readHostKey(path: string): Promise<HostKey | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return record.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure('failed', `${path}: is not a record of a key`, {
      cause,
      next: [
        remedy`rm ${quote(path)}; then run the command again: it has the certificate reissued`,
      ],
    });
  }
}

/** Writes the record of a key on a host. */
export async function writeHostKey(path: string, key: HostKey): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(key)}\n`);
}
