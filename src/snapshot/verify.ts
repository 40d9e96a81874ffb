import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../failure/failure.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { SnapshotCheck } from './checksum.ts';
import type { Key } from './encryption.ts';
import { isEncrypted, openSnapshot } from './open.ts';
import { readRecord, type SnapshotRecord } from './record.ts';

/** What a look at a snapshot file on this machine tells. */
export interface SnapshotVerdict {
  readonly path: string;
  readonly encrypted: boolean;
  /** Of the snapshot itself, bytes; unknown where it could not be opened. */
  readonly size: number | undefined;
  /** Of the snapshot itself. */
  readonly sha256: string | undefined;
  readonly record: SnapshotRecord | undefined;
  /** Why it must not be restored, or nothing. */
  readonly fault: string | undefined;
  /** It may be a database without the checksum that belongs behind it. */
  readonly isBare: boolean;
  /** What could not be checked, or nothing. */
  readonly unchecked: string | undefined;
}

/**
 * Reads the whole file and checks it: size, checksum at its end, and its record. An encrypted one without its key is
 * compared with its record only. Throws a Failure where the file cannot be read at all, or not with this key.
 */
export async function verifySnapshot(path: string, key?: Key): Promise<SnapshotVerdict> {
  const encrypted = await isEncrypted(path);
  const record = await readRecord(path);
  const unknown = { path, encrypted, record, size: undefined, sha256: undefined, isBare: false };
  if (encrypted && key === undefined) {
    if (record?.stored === undefined) {
      return { ...unknown, fault: undefined, unchecked: 'it is encrypted and has no record' };
    }
    const fault = await storedFault(path, record.stored);
    return { ...unknown, fault, unchecked: 'what is inside: it is encrypted' };
  }

  const check = new SnapshotCheck();
  let opened: Readable;
  try {
    opened = await openSnapshot(path, key);
  } catch (error) {
    const fault = record?.stored && (await storedFault(path, record.stored));
    // A wrong key says nothing about the snapshot.
    if (fault === undefined) throw error;
    return { ...unknown, fault, unchecked: undefined };
  }
  try {
    await pipeline(opened, check, nowhere());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...unknown, fault: error.message, unchecked: undefined };
  }
  const { size, sha256, fault, isBare } = check.verdict();
  return {
    ...unknown,
    size,
    sha256,
    isBare,
    fault: fault ?? recordFault(record, sha256),
    unchecked: record === undefined ? 'whose it is: it has no record' : undefined,
  };
}

/** Throws a Failure when the verdict is not good. */
export function refuseFaulty({ path, fault }: SnapshotVerdict): void {
  if (fault === undefined) return;
  throw new Failure('failed', fault.startsWith(path) ? fault : `${path}: ${fault}`, {
    next: [remedy`use another snapshot: ${provision('snapshot', 'list', INVENTORY)}`],
  });
}

function recordFault(record: SnapshotRecord | undefined, sha256: string): string | undefined {
  if (record === undefined || record.sha256 === sha256) return undefined;
  return `it is not the file its record describes (sha256 ${sha256}, recorded ${record.sha256})`;
}

async function storedFault(
  path: string,
  stored: { readonly size: number; readonly sha256: string },
): Promise<string | undefined> {
  const { size } = await stat(path);
  if (size !== stored.size) return `it has ${size} bytes, recorded were ${stored.size}`;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  return found === stored.sha256
    ? undefined
    : `it was damaged (sha256 ${found}, recorded ${stored.sha256})`;
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
