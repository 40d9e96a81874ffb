import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, refuseStrange } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { commonName, describeName } from '../encoding/distinguished-name.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import { inspectCertificate } from '../verify/inspect.ts';

/** A certificate that the CA of a store has issued, as the store remembers it. */
export interface Issued {
  /** ISO 8601 */
  readonly at: string;
  /** Common name, or the whole subject, or the first name. */
  readonly name: string;
  readonly serial: string;
  /** The CA's fingerprint. */
  readonly ca: string;
  /** ISO 8601 */
  readonly until: string;
  readonly usages: readonly string[];
  /** `store`: it lies there; `host`: its key was made on a host; `file`: it was handed out. */
  readonly kind: 'store' | 'host' | 'file';
  /** The id in the store, the host, or the file. */
  readonly where: string;
}

/** Remembers in the store that its CA has issued a certificate. Throws a Failure when that cannot be written. */
export async function recordIssued(
  store: string,
  certificate: string,
  ca: { readonly fingerprint256: string },
  { kind, where }: Pick<Issued, 'kind' | 'where'>,
  now: Date,
): Promise<void> {
  const { subject, names, serial, notAfter, usages } = inspectCertificate(certificate);
  const name = commonName(subject) ?? (describeName(subject) || (names[0] ?? 'nameless'));
  const at = now.toISOString();
  const until = notAfter.toISOString();
  const issued: Issued = { at, name, serial, ca: ca.fingerprint256, until, usages, kind, where };
  const path = recordPath(store);
  await refuseStrange(path);
  try {
    await appendFile(path, `${JSON.stringify(issued)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new Failure('failed', `${path}: could not be written`, {
      cause: error,
      next: [remedy`free space or restore write access to the store, then run the command again`],
    });
  }
}

/** Everything a store remembers to have issued, the latest last; lines cut short by a full disk are passed over. */
export async function readIssued(store: string): Promise<readonly Issued[]> {
  const text = (await readIfThere(recordPath(store))) ?? '';
  return text.split('\n').flatMap((line) => readLine(line) ?? []);
}

/** What was handed out as a file elsewhere than into the store, is still valid, and was not revoked. */
export function handedOut(
  issued: readonly Issued[],
  { certificates }: StoreFacts,
  revoked: ReadonlySet<string>,
  now: Date,
): readonly Issued[] {
  const stored = new Set([...certificates.values()].map(({ fact }) => fact.serial.toLowerCase()));
  return issued.filter(
    ({ kind, until, serial }) =>
      kind === 'file' &&
      Date.parse(until) > now.getTime() &&
      !revoked.has(serial.toLowerCase()) &&
      !stored.has(serial.toLowerCase()),
  );
}

const LINE = z.object({
  at: z.string(),
  name: z.string(),
  serial: z.string(),
  ca: z.string(),
  until: z.string(),
  usages: z.array(z.string()),
  kind: z.enum(['store', 'host', 'file']),
  where: z.string(),
});

function recordPath(store: string): string {
  return join(store, 'issued.jsonl');
}

function readLine(line: string): Issued | undefined {
  try {
    return LINE.parse(JSON.parse(line));
  } catch {
    // Cut short, or written by somebody else.
    return undefined;
  }
}
