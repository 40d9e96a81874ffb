import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';
import { type Command, sh } from '../shell/command.ts';

/** Exit code of `refuseWithoutRoom` (ENOSPC). */
export const NO_SPACE = 28;
// A full file system ends every etcd that writes to it.
const LEFT_OVER = 256 * 1024 * 1024;
const SLOWEST_BYTES_PER_SECOND = 1_000_000;

/** Seconds that so many bytes may take on the slowest disk or network we put up with. */
export function slowestSeconds(bytes: number): number {
  return 60 + Math.ceil(bytes / SLOWEST_BYTES_PER_SECOND);
}

/** Ends the script with NO_SPACE unless the file system of the directory takes so many bytes and still has some left. */
export function requireSpace(directory: string, bytes: number): Command {
  return sh`[ "$(set -- $(stat -f -c '%a %S' ${directory}); echo $(($1 * $2)))" -ge ${bytes + LEFT_OVER} ] || { echo "df=$(df -Pk ${directory} | tail -n 1)" >&2; exit ${NO_SPACE}; }`;
}

/** What NO_SPACE means, in a sentence. */
export function noSpaceFailure(
  host: Host,
  directory: string,
  bytes: number,
  said: string,
): Failure {
  const df = /^df=(.*)$/m.exec(said)?.[1] ?? '';
  const [device = 'its device', , , free = '0', , mount = '?'] = df.split(/\s+/);
  const mebibytes = (size: number) => `${Math.ceil(size / 1_048_576)} MiB`;
  return new Failure(
    'failed',
    `${host.name}: no space in ${directory}: ${mebibytes(bytes)} are needed and ${mebibytes(LEFT_OVER)} must be left over; ${device} on ${mount} has ${mebibytes(Number(free) * 1024)} free`,
    {
      next: [
        remedy`free some space on ${mount} of ${host.name}, or name a directory on another disk as snapshots.hostDirectory in the inventory`,
      ],
      log: said,
    },
  );
}
