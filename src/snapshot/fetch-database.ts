import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import type { DesiredCluster } from '../desired/cluster.ts';
import { programsAt } from '../desired/programs.ts';
import {
  readSnapshotStatus,
  type SnapshotStatus,
  snapshotStatusCommand,
} from '../etcd/snapshot-tool.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';
import { sumOf } from '../shell/sha256.ts';
import { SnapshotCheck } from './checksum.ts';
import { makeSnapshotDirectory, snapshotName } from './directory.ts';
import { writeRecord } from './record.ts';
import { slowestSeconds } from './require-space.ts';
import type { SavedSnapshot } from './save.ts';
import { storeStream } from './store-file.ts';

/**
 * Fetches the database of a member whose etcd does not run, and puts behind it the checksum a snapshot has, so that from
 * here on it is checked like one. Throws a Failure, also where etcd runs: it would be torn.
 */
export async function fetchDatabase(
  cluster: Pick<DesiredCluster, 'name' | 'version' | 'unit' | 'paths'>,
  host: Host,
  clusterId: string | undefined,
  directory: string,
  now: Date,
): Promise<SavedSnapshot> {
  const database = `${cluster.paths.data}/member/snap/db`;
  const { status, sum } = await describe(cluster, host, database);
  await makeSnapshotDirectory(directory);
  const path = join(directory, snapshotName(cluster.name, now, false));

  const sealed = new Sealed();
  const check = new SnapshotCheck();
  sealed.pipe(check);
  sealed.on('error', (error) => check.destroy(error));
  const fetching = must(host, `read ${database}`, sh`cat ${database}`, {
    output: sealed,
    deadline: 60 + 2 * slowestSeconds(status.size),
  });
  fetching.catch((error: unknown) => sealed.destroy(error instanceof Error ? error : undefined));
  await storeStream(path, check, async () => {
    await fetching;
    if (sealed.sum === sum) return;
    throw new Failure('failed', `${host.name}: ${database} did not arrive as it is there`, {
      next: [remedy`run it again`],
    });
  });

  const { size, sha256 } = check.verdict();
  const record = {
    cluster: cluster.name,
    ...(clusterId !== undefined && { clusterId }),
    member: host.name,
    etcd: cluster.version,
    revision: status.revision,
    totalKeys: status.totalKeys,
    takenAt: now.toISOString(),
    size,
    sha256,
  };
  await writeRecord(path, record);
  return { path, record };
}

async function describe(
  { unit, paths, version }: Pick<DesiredCluster, 'unit' | 'paths' | 'version'>,
  host: Host,
  database: string,
): Promise<{ readonly status: SnapshotStatus; readonly sum: string }> {
  const { stdout } = await must(
    host,
    `read ${database}`,
    sh`set -eu
[ "$(systemctl show ${unit}.service --property=MainPID --value)" -eq 0 ] || { echo 'etcd runs' >&2; exit 1; }
${snapshotStatusCommand(programsAt(paths), version, database)}
${sumOf(database)}; echo "sum=$sum"`,
    { deadline: slowestSeconds(10_000_000_000) },
  );
  const sum = /^sum=([0-9a-f]{64})/m.exec(stdout)?.[1] ?? '';
  const json = stdout.split('\n').find((line) => line.startsWith('{')) ?? '';
  return { status: readSnapshotStatus(json), sum };
}

/** Lets a database pass and puts its SHA-256 behind it. */
class Sealed extends Transform {
  readonly #hash = createHash('sha256');
  sum = '';

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#hash.update(chunk);
    this.push(chunk);
    done();
  }

  override _flush(done: () => void): void {
    const digest = this.#hash.digest();
    this.sum = digest.toString('hex');
    this.push(digest);
    done();
  }
}
