import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, readIfThere, writeAtomically } from '../../durable/durable-file.ts';
import type { Secret } from '../../shell/secret.ts';
import type { DesiredCa } from '../desired-certificate.ts';
import { isEncryptedPem } from '../keys/key-files.ts';
import { inspectCa, pathsOf } from '../store/store.ts';
import type { StoredCa } from '../store/store-facts.ts';
import { makePrivateDirectory, readCaKeyIfThere, readSecretIfThere } from '../store/store-files.ts';
import { createCa } from './create-ca.ts';
import { type RotationRecord, readRecord, writeRecord } from './rotation-record.ts';
import { trustBundle } from './trust.ts';

/** The CAs of a store beside the one that signs; each lies in a directory of its own, as in a store of its own. */
export interface CaRotation {
  /** Trusted, does not sign yet. */
  readonly next: StoredCa | undefined;
  /** Trusted, does not sign any more. */
  readonly previous: StoredCa | undefined;
  /** Not trusted any more. */
  readonly retired: readonly StoredCa[];
  /** What is kept of the rotation that is under way, or of the last one. */
  readonly record?: RotationRecord;
}

const NEXT = 'next-ca';
const PREVIOUS = 'previous-ca';
const RETIRED = 'retired-ca-';

/** Where the CA lies that will sign next. */
export function nextCaDirectory(directory: string): string {
  return join(directory, NEXT);
}

/** Where the CA lies that signed before, while it is still trusted. */
export function previousCaDirectory(directory: string): string {
  return join(directory, PREVIOUS);
}

/**
 * Where the CA lies whose trust is about to end, or has ended last, with its key; undefined when there never was one, or
 * its key was lost, which is a reason to rotate.
 */
export async function formerCaDirectory(directory: string): Promise<string | undefined> {
  const previous = join(directory, PREVIOUS);
  const isUnderWay = (await readIfThere(pathsOf(previous, 'ca').certificate)) !== undefined;
  const former = isUnderWay ? previous : (await retiredDirectories(directory)).at(-1);
  if (former === undefined) return undefined;
  const key = await readSecretIfThere(pathsOf(former, 'ca').key);
  return key === undefined ? undefined : former;
}

/** Looks at the CAs of a rotation and changes nothing. */
export async function observeRotation(directory: string): Promise<CaRotation> {
  const [next, previous, former] = await Promise.all([
    observe(join(directory, NEXT)),
    observe(join(directory, PREVIOUS)),
    retiredDirectories(directory),
  ]);
  const retired = await Promise.all(former.map(observe));
  const place =
    previous !== undefined
      ? join(directory, PREVIOUS)
      : next !== undefined
        ? join(directory, NEXT)
        : former.at(-1);
  const record = place === undefined ? {} : await readRecord(place);
  return { next, previous, retired: retired.filter((ca) => ca !== undefined), record };
}

/** What members are to trust, as it stands in the store now. Throws a Failure when there is no CA. */
export async function readTrust(directory: string): Promise<string> {
  const { next, previous } = await observeRotation(directory);
  const ca = await observe(directory);
  return trustBundle([ca, next, previous]);
}

/** Where the bundle lies that clients on this machine trust. */
export function trustPath(directory: string): string {
  return join(directory, 'trust.pem');
}

/** Writes that bundle as members are to have it. */
export async function writeTrust(directory: string): Promise<void> {
  await writeAtomically(trustPath(directory), await readTrust(directory));
}

/** Makes the CA that is to sign next, its key encrypted with a passphrase. Throws a Failure when there is one already. */
export async function createNextCa(
  directory: string,
  desired: DesiredCa,
  now: Date,
  passphrase?: Secret,
): Promise<void> {
  await createCa(join(directory, NEXT), desired, now, passphrase);
}

/** The CA that signs, alone: what a member trusts once the trust in the other one has ended. */
export async function readSigningTrust(directory: string): Promise<string> {
  return trustBundle([await observe(directory)]);
}

/** Records who agreed that trust in the previous CA ends. */
export async function recordConsent(directory: string, by: string, now: Date): Promise<void> {
  const place = join(directory, PREVIOUS);
  const consent = { at: now.toISOString(), by };
  await writeRecord(place, { ...(await readRecord(place)), consent });
}

/** Takes that back: both CAs are to be trusted by everybody again. */
export async function withdrawConsent(directory: string): Promise<void> {
  const place = join(directory, PREVIOUS);
  const { consent: _, ...rest } = await readRecord(place);
  await writeRecord(place, rest);
}

/** Gives up a next CA that has signed nothing yet; it is kept aside with its key. */
export async function dropNextCa(directory: string, now: Date): Promise<void> {
  if ((await observe(join(directory, NEXT))) === undefined) return;
  // Nobody has anything to lose with it, so its trust may end everywhere.
  const consent = { at: now.toISOString(), by: 'nobody used it' };
  await writeRecord(join(directory, NEXT), { back: true, consent });
  await setAside(directory, NEXT, now);
}

/**
 * Turns a rotation round: the previous CA becomes the one that signs next. Killed half-way it can be called again, as a
 * rotation that goes back already is left alone.
 */
export async function turnRound(directory: string): Promise<void> {
  const [next, previous] = [join(directory, NEXT), join(directory, PREVIOUS)];
  if ((await observe(next)) !== undefined) {
    if ((await readRecord(next)).back === true) return;
    await promoteCa(directory);
  }
  const record = await readRecord(previous);
  if (record.back === true || (await observe(previous)) === undefined) return;
  await writeRecord(previous, { back: true });
  await rename(previous, next);
}

/**
 * Makes the next CA the one that signs, and keeps the one that signed so far. Killed half-way it can be called again: the
 * old CA is kept before anything moves, and the key moves before its certificate.
 */
export async function promoteCa(directory: string, at = new Date()): Promise<void> {
  const [now, next, previous] = [directory, join(directory, NEXT), join(directory, PREVIOUS)].map(
    (place) => pathsOf(place, 'ca'),
  );
  if (now === undefined || next === undefined || previous === undefined) return;
  if ((await readIfThere(next.certificate)) === undefined) return;

  if ((await readIfThere(previous.certificate)) === undefined) {
    await makePrivateDirectory(join(directory, PREVIOUS));
    const key = await readSecretIfThere(now.key);
    const certificate = await readIfThere(now.certificate);
    if (key !== undefined) await writeAtomically(previous.key, key);
    const { back } = await readRecord(join(directory, NEXT));
    const record = { since: at.toISOString(), ...(back === true && { back }) };
    await writeRecord(join(directory, PREVIOUS), record);
    if (certificate !== undefined) await writeAtomically(previous.certificate, certificate);
  }
  if ((await readSecretIfThere(next.key)) !== undefined) await rename(next.key, now.key);
  await rename(next.certificate, now.certificate);
  await rm(join(directory, NEXT), { recursive: true });
}

/** Ends the trust in the previous CA. It is kept, so that one can prove that nobody accepts it any more. */
export async function retireCa(directory: string, now: Date): Promise<void> {
  await setAside(directory, PREVIOUS, now);
}

/** Records that members have been seen to refuse the CA that was retired last: with that its rotation is over. */
export async function recordProof(directory: string, now: Date): Promise<void> {
  const last = (await retiredDirectories(directory)).at(-1);
  if (last === undefined) return;
  await writeRecord(last, { ...(await readRecord(last)), proven: now.toISOString() });
}

async function setAside(directory: string, from: string, now: Date): Promise<void> {
  const ca = await observe(join(directory, from));
  if (ca === undefined) return;
  // Sorted by name they are sorted by when their trust ended.
  const stamp = now.toISOString().replaceAll(/[:.]/g, '');
  const name = `${RETIRED}${stamp}-${ca.fact.serial.slice(0, 8).toLowerCase()}`;
  await mkdir(directory, { recursive: true });
  const place = join(directory, from);
  await writeRecord(place, { ...(await readRecord(place)), ended: now.toISOString() });
  await rename(place, join(directory, name));
}

async function observe(place: string): Promise<StoredCa | undefined> {
  const paths = pathsOf(place, 'ca');
  const pem = await readIfThere(paths.certificate);
  if (pem === undefined) return undefined;
  const key = await readCaKeyIfThere(paths.key);
  return {
    fact: inspectCa(pem, paths.certificate),
    pem,
    hasKey: key !== undefined,
    keyEncrypted: key !== undefined && isEncryptedPem(key),
  };
}

async function retiredDirectories(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => name.startsWith(RETIRED))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
