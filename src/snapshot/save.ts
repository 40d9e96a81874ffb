import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { writeFiles } from '../host/write-files.ts';
import { remedy } from '../problem/remedy.ts';
import { SnapshotCheck } from './checksum.ts';
import { makeSnapshotDirectory, snapshotName } from './directory.ts';
import { encrypt, type Lock } from './encryption.ts';
import { Meter } from './meter.ts';
import { lackIn, noSnapshot } from './needs-user.ts';
import { recordPath, type SnapshotRecord, writeRecord } from './record.ts';
import { findSource, type Source } from './source.ts';
import { storeStream } from './store-file.ts';
import { type Taken, takeSnapshot } from './take.ts';

export interface SaveOptions {
  /** Directory on this machine. */
  readonly directory: string;
  readonly keepOnHost: boolean;
  /** The member to take it from, instead of choosing. */
  readonly member?: string | undefined;
  /** Whether to compare the members' data before one is chosen. */
  readonly compared?: boolean;
  readonly lock?: Lock | undefined;
  readonly now: Date;
  /** Hears which member was chosen. */
  readonly onSource?: (source: Source) => void;
  /** Hears how many bytes have come, and how many there will be, about. */
  readonly onBytes?: (received: number, about: number) => void;
  readonly signal?: AbortSignal;
}

/** Seconds to look for one in which no snapshot was taken. */
const SECONDS = 5;

export interface SavedSnapshot {
  readonly path: string;
  readonly record: SnapshotRecord;
}

/**
 * Takes a snapshot of the cluster to this machine: from the voter that has applied most, checked here (size, checksum) and
 * there (etcd's own tool), recorded beside its file. Throws a Failure; then there is no file of that name.
 */
export async function saveSnapshot(
  cluster: Pick<DesiredCluster, 'name' | 'version' | 'unit' | 'paths' | 'members'>,
  hosts: ReadonlyMap<string, Host>,
  wish: SaveOptions,
): Promise<SavedSnapshot> {
  const { directory, keepOnHost, lock, onBytes, signal } = wish;
  await makeSnapshotDirectory(directory);
  const source = await findSource(cluster, hosts, {
    named: wish.member,
    compared: wish.compared ?? false,
  });
  wish.onSource?.(source);

  const { host, status } = source;
  const pathAt = (moment: Date) =>
    join(directory, snapshotName(cluster.name, moment, lock !== undefined));
  const now = await freeMoment(wish.now, pathAt);
  const path = pathAt(now);
  const check = new SnapshotCheck((passed) => onBytes?.(passed, status.dbSize));
  const encrypted = lock && metered(await encrypt(check, lock));

  const onHost = cluster.paths.snapshots;
  const order = {
    directory: onHost,
    version: status.version,
    dbSize: status.dbSize,
    keepAs: keepOnHost ? snapshotName(cluster.name, now, false) : undefined,
  };
  const taking = takeSnapshot(host, cluster, order, check, signal).catch((error: unknown) => {
    const lack = lackIn(error);
    throw lack === undefined ? error : noSnapshot(cluster, host, status.version, lack);
  });
  taking.catch((error: unknown) => check.destroy(error instanceof Error ? error : undefined));
  await storeStream(path, encrypted ?? check, async () => {
    refuseUnfit(host, check, await taking);
  });

  const { status: found, keys } = await taking;
  const checked = check.verdict();
  const record: SnapshotRecord = {
    cluster: cluster.name,
    clusterId: status.clusterId,
    peers: cluster.members.map(({ peerUrl }) => peerUrl),
    member: host.name,
    etcd: status.version,
    revision: found.revision,
    totalKeys: found.totalKeys,
    ...(keys !== undefined && { keys }),
    takenAt: now.toISOString(),
    size: checked.size,
    sha256: checked.sha256,
    ...(encrypted !== undefined && { stored: encrypted.total() }),
  };
  await writeRecord(path, record);
  if (keepOnHost)
    await recordOnHost(host, `${onHost}/${snapshotName(cluster.name, now, false)}`, record);
  return { path, record };
}

function metered(source: Readable): Meter {
  // What breaks the source breaks the meter, which tells its reader.
  return pipeline(source, new Meter(), () => {});
}

/** The moment to name the snapshot by: a later one where another was taken in this very second. Throws a Failure. */
async function freeMoment(wanted: Date, pathAt: (moment: Date) => string): Promise<Date> {
  let moment = wanted;
  for (let tries = 1; existsSync(pathAt(moment)); tries++) {
    if (tries > SECONDS)
      throw new Failure('failed', `${pathAt(moment)}: is there already`, {
        next: [remedy`run it again`],
      });
    await sleep(1000);
    moment = new Date(moment.getTime() + 1000);
  }
  return moment;
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
      next: [remedy`run it again; if it happens again, try another --member`],
    },
  );
}

async function recordOnHost(host: Host, file: string, record: SnapshotRecord): Promise<void> {
  const { stored: _encrypted, ...plain } = record;
  const content = `${JSON.stringify(plain, undefined, 2)}\n`;
  await writeFiles(host, [{ path: recordPath(file), content, mode: 0o600, owner: 'root:root' }]);
}
