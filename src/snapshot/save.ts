import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { writeFiles } from '../host/write-files.ts';
import { SnapshotCheck } from './checksum.ts';
import { makeSnapshotDirectory, snapshotName } from './directory.ts';
import { encrypt, type Lock } from './encryption.ts';
import { recordPath, type SnapshotRecord, writeRecord } from './record.ts';
import { findSource, type Source } from './source.ts';
import { storeStream } from './store-file.ts';
import { type Taken, takeSnapshot } from './take.ts';

export interface SaveWish {
  /** Directory on this machine. */
  readonly directory: string;
  /** Directory on the members. */
  readonly hostDirectory: string;
  readonly keepOnHost: boolean;
  /** The member to take it from, instead of choosing. */
  readonly member?: string | undefined;
  readonly lock?: Lock | undefined;
  readonly now: Date;
  /** Hears which member was chosen. */
  readonly onSource?: (source: Source) => void;
  /** Hears how many bytes have come, and how many there will be, about. */
  readonly onBytes?: (received: number, about: number) => void;
  readonly signal?: AbortSignal;
}

export interface SavedSnapshot {
  readonly path: string;
  readonly record: SnapshotRecord;
}

/**
 * Takes a snapshot of the cluster to this machine: from the voter that has applied most, checked here (size, checksum) and
 * there (etcd's own tool), recorded beside its file. Throws a Failure; then there is no file of that name.
 */
export async function saveSnapshot(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  hosts: ReadonlyMap<string, Host>,
  wish: SaveWish,
): Promise<SavedSnapshot> {
  const { directory, hostDirectory, keepOnHost, lock, now, onBytes, signal } = wish;
  await makeSnapshotDirectory(directory);
  const source = await findSource(cluster, hosts, wish.member);
  wish.onSource?.(source);

  const { host, status } = source;
  const path = join(directory, snapshotName(cluster.name, now, lock !== undefined));
  await refuseExisting(path);
  const check = new SnapshotCheck((passed) => onBytes?.(passed, status.dbSize));
  const stored = lock === undefined ? check : await encrypt(check, lock);

  const onHost = `${hostDirectory}/${cluster.name}`;
  const order = {
    directory: onHost,
    version: status.version,
    dbSize: status.dbSize,
    keepAs: keepOnHost ? snapshotName(cluster.name, now, false) : undefined,
  };
  const taking = takeSnapshot(host, cluster, order, check, signal);
  taking.catch((error: unknown) => check.destroy(error instanceof Error ? error : undefined));
  const { size, sha256 } = await storeStream(path, stored, async () => {
    refuseUnfit(host, check, await taking);
  });

  const { status: found, keys } = await taking;
  const checked = check.verdict();
  const record: SnapshotRecord = {
    cluster: cluster.name,
    clusterId: status.clusterId,
    member: host.name,
    etcd: status.version,
    revision: found.revision,
    totalKeys: found.totalKeys,
    ...(keys !== undefined && { keys }),
    takenAt: now.toISOString(),
    size: checked.size,
    sha256: checked.sha256,
    ...(lock !== undefined && { stored: { size, sha256 } }),
  };
  await writeRecord(path, record);
  if (keepOnHost)
    await recordOnHost(host, `${onHost}/${snapshotName(cluster.name, now, false)}`, record);
  return { path, record };
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    // Nothing is there, or it cannot be written either, which is told then.
    () => false,
  );
  if (exists) {
    throw new Failure('failed', `${path}: was taken in this very second`, { next: 'run it again' });
  }
}

function refuseUnfit(host: Host, check: SnapshotCheck, { status }: Taken): void {
  const { size, fault } = check.verdict();
  const short =
    size - status.size !== 32
      ? `etcd's own tool says it has ${status.size + 32} bytes, not ${size}`
      : undefined;
  const why = fault ?? short;
  if (why === undefined) return;
  throw new Failure(
    'failed',
    `${host.name}: the snapshot that came from there is not accepted: ${why}`,
    {
      next: 'run it again; if it happens again, try another --member',
    },
  );
}

async function recordOnHost(host: Host, file: string, record: SnapshotRecord): Promise<void> {
  const { stored: _encrypted, ...plain } = record;
  const content = `${JSON.stringify(plain, undefined, 2)}\n`;
  await writeFiles(host, [{ path: recordPath(file), content, mode: 0o600, owner: 'root:root' }]);
}
