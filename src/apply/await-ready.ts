import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { sh } from '../shell/command.ts';

/** A member that did not become ready; whoever catches it asks the hosts why. */
export class NotReady extends Failure {
  override readonly name = 'NotReady';
}

const CRASHES_TOLERATED = 2;
const LOOKS_PER_SECOND = 10;

/**
 * Waits until systemd calls the unit active, which for etcd means it had quorum (Type=notify). `activating` is not a
 * failure before our own deadline; a failed unit or one that keeps crashing is. Throws NotReady.
 */
export async function awaitReady(
  host: Host,
  unit: string,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const looks = Math.max(1, Math.round(seconds * LOOKS_PER_SECOND));
  const { stdout } = await must(
    host,
    `wait for ${unit}.service`,
    sh`before=
i=0
while [ $i -lt ${looks} ]; do
  shown=$(systemctl show ${unit}.service --property=ActiveState --property=NRestarts)
  state=\${shown##*ActiveState=}; state=\${state%%[!a-z]*}
  restarts=\${shown##*NRestarts=}; restarts=\${restarts%%[!0-9]*}
  [ -n "$before" ] || before=$restarts
  case $state in active) echo ready; exit 0 ;; failed) echo failed; exit 0 ;; esac
  [ $((restarts - before)) -le ${CRASHES_TOLERATED} ] || { echo crashes; exit 0; }
  i=$((i + 1)); sleep ${1 / LOOKS_PER_SECOND}
done
echo hangs`,
    { deadline: seconds * 2 + 30, signal },
  );
  const word = stdout.trim();
  if (word === 'ready') return;
  const how = {
    failed: `${unit}.service failed to start`,
    crashes: `${unit}.service keeps crashing`,
    hangs: `${unit}.service was not ready within ${seconds} s`,
  }[word];
  throw new NotReady('failed', `${host.name}: ${how ?? `could not watch ${unit}.service`}`);
}
