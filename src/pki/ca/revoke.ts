import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, refuseStrange, writeAtomically } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { buildCrl, mergeRevocations, type Revocation } from '../encoding/crl.ts';
import type { SigningCa } from '../issue/sign.ts';
import { type CrlFact, inspectCrl } from '../verify/inspect-crl.ts';

/** The revocation list of a store, as it travels to the hosts. */
export interface StoredCrl {
  readonly fact: CrlFact;
  readonly der: Buffer;
  readonly sha256: string;
}

/** The revocation list of the store, or undefined when there is none; throws a Failure when it cannot be read. */
export async function readCrl(directory: string): Promise<StoredCrl | undefined> {
  const path = crlPath(directory);
  await refuseStrange(path);
  try {
    const { fact, der } = inspectCrl(await readFile(path), path);
    return { fact, der, sha256: createHash('sha256').update(der).digest('hex') };
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `${path}: could not be read`, {
      cause: error,
      next: [remedy`see who owns it: ls -l ${quote(path)}`],
    });
  }
}

/**
 * Makes the next revocation list of the store: all that was revoked before, and more. With nothing more it only renews
 * the list. `hours` is how long the list calls itself current.
 */
export async function revoke(
  directory: string,
  more: readonly Revocation[],
  hours: number,
  ca: SigningCa,
  now: Date,
): Promise<void> {
  const earlier = await readCrl(directory);
  const number = BigInt(`0x${earlier?.fact.number ?? '0'}`) + 1n;
  const list = await buildCrl(ca, mergeRevocations(earlier?.fact, more), number, hours, now);
  await writeAtomically(crlPath(directory), list);
}

/** Where the revocation list of a store stands: DER, as etcd 3.6 demands. */
export function crlPath(directory: string): string {
  return join(directory, 'ca.crl');
}
