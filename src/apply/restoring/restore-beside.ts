import type { RestoreLogPlaces, RestorePlaces } from '../../desired/restoring.ts';
import {
  type RestoreOrder,
  snapshotRestoreCommand,
  snapshotStatusCommand,
} from '../../etcd/snapshot-tool.ts';
import { snapshotTool } from '../../etcd/versions.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import { remedy } from '../../problem/remedy.ts';
import { type Command, sh } from '../../shell/command.ts';
import {
  NO_SPACE,
  noSpaceFailure,
  requireSpace,
  slowestSeconds,
} from '../../snapshot/require-space.ts';

export interface StagedRestore {
  readonly account: string;
  /** Directory of the programs. */
  readonly directory: string;
  readonly version: string;
  readonly places: RestorePlaces;
  readonly order: RestoreOrder;
  /** Of the snapshot, bytes. */
  readonly size: number;
}

/**
 * Has etcd's own tool make a data directory from the snapshot beside the data in use, as the account that runs etcd; what
 * the tool says of the snapshot stays beside it. It shows under its name only when it is complete. Throws a Failure.
 */
export async function restoreBeside(host: Host, wish: StagedRestore): Promise<void> {
  const { account, directory, version, places, order, size } = wish;
  const { staging, status, snapshot, restoredData, log } = places;
  const owner = `${account}:${account}`;
  const as = sh`runuser -u ${account} --`;
  const result = await host.run(
    sh`set -eu; umask 077; LC_ALL=C; export LC_ALL
chown ${account}:${account} ${staging}; cd ${staging}
rm -rf ${restoredData} ${restoredData}.part
${log === undefined ? sh`:` : prepareLog(log, owner)}
${requireSpace(staging, size)}
said=$(${as} ${snapshotStatusCommand(directory, version, snapshot)} 2>&1) || { printf '%s\\n' "$said" | grep . | head -n 1 >&2; exit 1; }
printf '%s\\n' "$said" | grep '^{' > ${status}.part; mv -f ${status}.part ${status}
said=$(${as} ${snapshotRestoreCommand(directory, version, order)} 2>&1) || { code=$?; df -Pk . >&2; printf '%s\\n' "$said" >&2; exit $code; }
sync -f .
mv -T ${restoredData}.part ${restoredData}
sync -f .
${log === undefined ? sh`:` : placeLog(log)}`,
    { deadline: 60 + 3 * slowestSeconds(size) },
  );
  if (result.exitCode === NO_SPACE) throw noSpaceFailure(host, staging, size, result.stderr);
  if (result.exitCode === 0) return;
  if (result.stderr.includes('no space left on device')) {
    throw new Failure(
      'failed',
      `${host.name}: the disk ran full while the snapshot was restored in ${staging}`,
      {
        log: result.stderr,
        next: [remedy`free some space there, then run the same command again`],
      },
    );
  }
  throw new HostError(host.name, `restore the snapshot with ${snapshotTool(version)}`, result);
}

// Two segments of 64 MB, the second made in advance.
const LOG_BYTES = 128_000_000;

/** Makes the directory that the tool makes a log in, on the disk of the member's log. */
function prepareLog({ staging, restored }: RestoreLogPlaces, owner: string): Command {
  return sh`mkdir -p ${staging}
rm -rf ${restored} ${restored}.part; mkdir ${restored}.part
chown ${owner} ${staging} ${restored}.part
${requireSpace(staging, LOG_BYTES)}`;
}

/** The log shows under its name when the data does already: by it all is known to be complete. */
function placeLog({ staging, restored, isBare }: RestoreLogPlaces): Command {
  const made = isBare ? `${restored}.part/wal` : `${restored}.part`;
  // A segment that was made in advance is none, and with the log alone there is one step to its place.
  return sh`find ${made} -name '*.tmp' -delete
sync -f ${staging}
mv -T ${made} ${restored}${isBare ? sh` && rmdir ${`${restored}.part`}` : sh``}
sync -f ${staging}`;
}
