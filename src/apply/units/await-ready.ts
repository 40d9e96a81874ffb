import { emptyStartToken } from '../../desired/empty-start.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { type Command, sh } from '../../shell/command.ts';
import { start } from './start.ts';

/** A member that did not become ready; the caller asks the hosts why. */
export class NotReady extends Failure {
  override readonly name = 'NotReady';
}

const CRASHES_TOLERATED = 2;
const LOOKS_PER_SECOND = 10;
/** Seconds that a member may take to receive all that a cluster holds: a day. */
const LONGEST = 86_400;
/** Looks that find neither a process nor a job before a start counts as refused. */
const IDLE_LOOKS = 3;

/** What is waited for. */
export interface Awaited {
  readonly unit: string;
  /** Directory of the log. */
  readonly wal: string;
  /** Whether this start may make the log. */
  readonly emptyStart: boolean;
  /** A directory: as long as what is in it grows, the time begins again. */
  readonly growing?: string;
  /** Asked in the same round trip once it is ready; that it fails is nobody's failure. */
  readonly whenReady: Command;
}

/**
 * Waits until systemd calls the unit active, which for etcd means it had quorum (Type=notify). `activating` is not a
 * failure before our own deadline; a failed unit, one that keeps crashing or one that systemd does not start without its
 * data is. An empty start that ended before it had made a log is begun again. Gives what `whenReady` prints. Throws NotReady.
 */
export async function awaitReady(
  host: Host,
  { unit, wal, emptyStart, growing, whenReady }: Awaited,
  seconds: number,
  signal: AbortSignal,
): Promise<string> {
  const looks = Math.max(1, Math.round(seconds * LOOKS_PER_SECOND));
  const { stdout } = await must(
    host,
    `wait for ${unit}.service`,
    sh`before=
most=0
again=0
idle=0
logged=${emptyStart ? '' : 'yes'}
${emptyStart ? sh`trap 'rm -f ${emptyStartToken(unit)}' EXIT` : sh``}
i=0
while [ $i -lt ${looks} ]; do
  shown=$(systemctl show ${unit}.service --property=ActiveState --property=NRestarts --property=Job)
  state=\${shown##*ActiveState=}; state=\${state%%[!a-z]*}
  restarts=\${shown##*NRestarts=}; restarts=\${restarts%%[!0-9]*}
  [ -n "$before" ] || before=$restarts
  case $state in active) break ;; failed) echo failed; exit 0 ;; esac
  [ $((restarts - before)) -le ${CRASHES_TOLERATED} ] || { echo crashes; exit 0; }
  # systemd forgets that an assertion failed as soon as nothing refers to the unit; what is idle and has no log was refused.
  idle=$((idle + 1)) has=
  for log in ${wal}/*.wal; do [ ! -e "$log" ] || has=yes logged=yes; done
  case $state$shown in inactive*Job=[1-9]*) idle=0 ;; inactive*) ;; *) idle=0 ;; esac
  if [ $idle -ge ${IDLE_LOOKS} ] && [ -z "$has" ]; then
    [ -z "$logged" ] || { echo refused; exit 0; }
    again=$((again + 1)) idle=0 before=
    [ $again -le ${CRASHES_TOLERATED} ] || { echo crashes; exit 0; }
    ( ${start(unit, true)}
    ) || exit
  fi
  ${growing === undefined ? sh`` : beginAgain(growing)}
  i=$((i + 1)); sleep ${1 / LOOKS_PER_SECOND}
done
[ "$state" = active ] || { echo hangs; exit 0; }
echo ready
( ${whenReady} ) 2>/dev/null || :`,
    { deadline: growing === undefined ? seconds * 2 + 30 : LONGEST, signal },
  );
  const end = stdout.indexOf('\n');
  const word = stdout.slice(0, end);
  if (word === 'ready') return stdout.slice(end + 1);
  const how = {
    failed: `${unit}.service failed to start`,
    crashes: `${unit}.service keeps crashing`,
    refused: `${unit}.service was not started: its data is missing`,
    hangs:
      growing === undefined
        ? `${unit}.service was not ready within ${seconds} s`
        : `${unit}.service is not ready, and received nothing for ${seconds} s`,
  }[word];
  throw new NotReady('failed', `${host.name}: ${how ?? `could not watch ${unit}.service`}`, {
    // The diagnosis says what to do.
    next: [],
  });
}

/** Once a second: a directory that holds more than ever before. */
function beginAgain(directory: string): Command {
  return sh`[ $((i % ${LOOKS_PER_SECOND})) -ne 0 ] || {
    size=$(du -sb ${directory} 2>/dev/null) size=\${size%%[!0-9]*}
    [ "\${size:-0}" -le "$most" ] || { most=$size; i=0; }
  }`;
}
