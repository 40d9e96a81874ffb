import { gunzipSync } from 'node:zlib';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { formerIntentPath, intentPath, stagingOf } from '../../desired/restoring.ts';
import { hasHadLeader, readWalOwner, type WalOwner } from '../../etcd/wal.ts';
import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import { askAll, type Fact } from '../fact.ts';
import type { RestoreIntent } from './restore-intent.ts';
import { formerIntentFact, intentFact } from './unfinished-intent.ts';

/** What a host shows of a restore. */
export interface RestoreFact {
  readonly intent: RestoreIntent | undefined;
  /** There is a record by the name of the cluster, of an earlier version of this program; it goes with the restore. */
  readonly hasFormerRecord?: boolean;
  /** The data directory is a mount point. */
  readonly mounted: boolean;
  /** The same of the directory of the log, where it has one of its own. */
  readonly logMounted?: boolean;
  /** Whose data is where etcd reads it. */
  readonly placed: WalOwner | undefined;
  /** Whether the cluster of that data has had a leader; asked only where a restore is not finished. */
  readonly led: boolean;
  /** Whose data lies ready beside the data in use. */
  readonly staged: WalOwner | undefined;
  /** Times of the directories that were moved aside. */
  readonly asides: readonly string[];
}

/** Asks a host how far a restore has come there. */
export async function askRestore(
  host: Host,
  cluster: Pick<DesiredCluster, 'name' | 'paths' | 'unit'>,
): Promise<RestoreFact> {
  const { data, wal, walHome } = cluster.paths;
  // What is ready last tells that all is.
  const last = walHome ?? data;
  const stagedLog = (isMounted: boolean) =>
    `${stagingOf(last, isMounted)}/data${wal.slice(last.length)}`;
  const [record, former] = [intentPath(cluster), formerIntentPath(cluster)];
  const { stagedBeside, stagedInside, ...found } = await askAll(host, {
    intent: intentFact(cluster),
    hasFormerRecord: formerIntentFact(cluster),
    placed: logOwner(cluster.paths.wal),
    led: {
      ask: sh`[ -f ${record} ] || [ -f ${former} ] || exit 0
for log in ${cluster.paths.wal}/*.wal; do [ -f "$log" ] && head -c ${BEGINNING} "$log" | gzip -1 | base64 -w 0; break; done`,
      read: ({ stdout }) =>
        stdout !== '' && hasHadLeader(gunzipSync(Buffer.from(stdout, 'base64'))),
    } satisfies Fact<boolean>,
    mounted: {
      ask: sh`mountpoint -q ${data}`,
      read: ({ exitCode }) => exitCode === 0,
    } satisfies Fact<boolean>,
    logMounted: {
      ask: walHome === undefined ? sh`exit 1` : sh`mountpoint -q ${walHome}`,
      read: ({ exitCode }) => exitCode === 0,
    } satisfies Fact<boolean>,
    asides: {
      ask: sh`ls -d ${data}.aside-* ${data}/aside-*`,
      read: ({ stdout }) =>
        stdout.split('\n').flatMap((line) => /aside-(\d{8}T\d{6}Z)$/.exec(line)?.[1] ?? []),
    } satisfies Fact<readonly string[]>,
    stagedBeside: logOwner(stagedLog(false)),
    stagedInside: logOwner(stagedLog(true)),
  });
  return {
    ...found,
    staged: (walHome === undefined ? found.mounted : found.logMounted)
      ? stagedInside
      : stagedBeside,
  };
}

/** Bytes of a log that are read: thousands of records, while a leader leaves its entry among the first. */
const BEGINNING = 262_144;

const logOwner = (wal: string): Fact<WalOwner | undefined> => ({
  ask: sh`for log in ${wal}/*.wal; do [ -f "$log" ] && head -c 512 "$log" | base64 -w 0; break; done`,
  read: ({ stdout }) => readWalOwner(Buffer.from(stdout, 'base64')),
});
