import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';

/** Stops a unit, where there is one, and has it started no more at boot. Throws a HostError, also where it still runs. */
export async function disableUnit(host: Host, unit: string): Promise<void> {
  await must(
    host,
    `stop ${unit}.service`,
    sh`systemctl cat ${unit}.service >/dev/null 2>&1 || exit 0
systemctl disable --quiet --now ${unit}.service && systemctl reset-failed --quiet ${unit}.service 2>/dev/null || true
state=$(systemctl is-active ${unit}.service)
case $state in inactive|failed|unknown) exit 0;; esac
echo "it is $state" >&2
exit 1`,
    { deadline: 120 },
  );
}
