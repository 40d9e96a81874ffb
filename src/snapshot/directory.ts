import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { stamp } from '../shell/stamp.ts';
import { readRecord, type SnapshotRecord } from './record.ts';

const otherPlace = (directory: string): Next => [
  remedy`see what stands there and who owns it: ls -ld ${quote(directory)}; or name another in snapshots.directory`,
];

/** A snapshot file of a directory with what is known of it. */
export interface StoredSnapshot {
  readonly path: string;
  /** Of the file, bytes. */
  readonly size: number;
  /** From its record, else when the file was last written. */
  readonly takenAt: Date;
  readonly record: SnapshotRecord | undefined;
  /** What it is, where it is not a file: nothing that is to be read or removed. */
  readonly strange?: string;
  /** Why it or its record cannot be used, if so. */
  readonly trouble: string | undefined;
}

const SNAPSHOT = /\.db(\.age)?$/;

/** Where the snapshots of a cluster are: as told, else `<cluster>.snapshots` beside its inventory. */
export function snapshotDirectory(
  inventory: {
    readonly cluster: string;
    readonly snapshots: { readonly directory?: string | undefined };
  },
  inventoryDirectory: string,
  told?: string,
): string {
  if (told !== undefined) return resolve(told);
  return resolve(
    inventoryDirectory,
    inventory.snapshots.directory ?? `${inventory.cluster}.snapshots`,
  );
}

/** Makes the directory, for its owner alone, where it is missing. Throws a Failure. */
export async function makeSnapshotDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new Failure('failed', `${directory}: could not be made`, {
      cause,
      next: otherPlace(directory),
    });
  });
}

/** The name a snapshot taken now gets; names sort by time. */
export function snapshotName(cluster: string, takenAt: Date, encrypted: boolean): string {
  return `${cluster}-${stamp(takenAt)}.db${encrypted ? '.age' : ''}`;
}

/** The snapshots in the directory, the newest first; none where there is no directory. */
export async function listSnapshots(directory: string): Promise<readonly StoredSnapshot[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new Failure('failed', `${directory}: could not be read (${cause.code})`, {
      cause,
      next: otherPlace(directory),
    });
  });
  const found = await Promise.all(
    names.filter((name) => SNAPSHOT.test(name)).map((name) => describe(join(directory, name))),
  );
  return found.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
}

async function describe(path: string): Promise<StoredSnapshot> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => cause);
  if (stats instanceof Error || !stats.isFile()) {
    const strange = stats instanceof Error ? `could not be read (${stats.code})` : 'is not a file';
    const trouble = `${path}: ${strange}: ls -ld ${quote(path)} shows what it is`;
    return { path, size: 0, takenAt: new Date(0), record: undefined, strange, trouble };
  }
  const { size, mtime } = stats;
  try {
    const record = await readRecord(path);
    const takenAt = record === undefined ? mtime : new Date(record.takenAt);
    return { path, size, takenAt, record, trouble: undefined };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { path, size, takenAt: mtime, record: undefined, trouble: error.message };
  }
}
