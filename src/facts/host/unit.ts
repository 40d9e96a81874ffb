import { emptyStartToken } from '../../desired/empty-start.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

export interface UnitFact {
  readonly exists: boolean;
  /** systemd's own word: active, activating, inactive, failed, … */
  readonly active: string;
  readonly sub: string;
  readonly enabled: boolean;
  /** The unit file is newer than what systemd has loaded. */
  readonly stale: boolean;
  /** 0 when nothing runs, or what systemd started was not etcd throughout the look. */
  readonly pid: number;
  readonly restarts: number;
  readonly result: string;
  /** systemd refused its last start, because of its assertions or its condition: mostly its data is missing. */
  readonly startRefused: boolean;
  /** A token lies there that lets it start once without a log. */
  readonly mayStartEmpty: boolean;
  /** When the running process started, seconds since 1970 by the host's clock. */
  readonly startedAt: number | undefined;
  readonly process: ProcessFact | undefined;
}

/** What the running etcd was really started with. */
export interface ProcessFact {
  readonly executable: string;
  /** Which version of its unit it was started with, where the unit said so. */
  readonly unit?: string | undefined;
  /** What stands behind the program in its command line, where the host says it. */
  readonly arguments?: string | undefined;
  /** The account it runs as, where the host says it; `#994` where nobody there has its number any more. */
  readonly account?: string | undefined;
  /** The ETCD_* variables it was given. */
  readonly environment: ReadonlyMap<string, string>;
}

export const unitFact = (unit: string): Fact<UnitFact> => ({
  // `show` answers for unknown units too, so an absent unit is a fact, not an error.
  ask: sh`shown=$(systemctl show ${unit}.service --property=LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,MainPID,NRestarts,Result,AssertResult,AssertTimestamp,ExecMainStartTimestamp)
echo "$shown"
[ ! -e ${emptyStartToken(unit)} ] || echo mayStartEmpty=yes
pid=\${shown##*MainPID=}; pid=\${pid%%[!0-9]*}
[ "$pid" -gt 0 ] || exit 0
# Until it runs its program it is systemd's own, as root and with other variables: its name stands in brackets then.
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  IFS= read -r name < /proc/$pid/comm || break
  case $name in '('*) sleep 0.1 ;; *) break ;; esac
done
case $name in '('*) echo process=starting ;; esac
started=\${shown##*ExecMainStartTimestamp=}; started=\${started%%'
'*}
echo "startedAt=$(date -d "$started" +%s)"
echo "executable=$(readlink /proc/$pid/exe)"
account=$(stat -c %U /proc/$pid)
[ "$account" != UNKNOWN ] || account=$(stat -c '#%u' /proc/$pid)
echo "account=$account"
echo "arguments=$(tr '\\0' '\\n' < /proc/$pid/cmdline | sed 1d | tr '\\n' ' ')"
tr '\\0' '\\n' < /proc/$pid/environ | grep -E '^(ETCD_|PROVISION_UNIT=)'
# What was read of one that ended meanwhile is not of it, or is not there.
kill -0 $pid 2>/dev/null || echo process=ended
sed -n 's/^State:[[:space:]]*[ZX].*/process=ended/p' /proc/$pid/status`,
  read({ stdout }) {
    const found = properties(stdout);
    const main = Number(found.get('MainPID') ?? 0);
    const pid = found.has('process') ? 0 : main;
    const isAsserted = found.get('AssertResult') === 'yes' || !found.get('AssertTimestamp');
    const startedAt = Number(found.get('startedAt') ?? Number.NaN);
    return {
      exists: found.get('LoadState') === 'loaded',
      active: found.get('ActiveState') ?? 'unknown',
      sub: found.get('SubState') ?? 'unknown',
      enabled: found.get('UnitFileState') === 'enabled',
      stale: found.get('NeedDaemonReload') === 'yes',
      pid,
      restarts: Number(found.get('NRestarts') ?? 0),
      result: found.get('Result') ?? 'unknown',
      startRefused: main === 0 && (!isAsserted || found.get('Result') === 'exec-condition'),
      mayStartEmpty: found.get('mayStartEmpty') === 'yes',
      startedAt: pid === 0 || Number.isNaN(startedAt) ? undefined : startedAt,
      process:
        pid === 0
          ? undefined
          : {
              executable: found.get('executable') ?? '',
              unit: found.get('PROVISION_UNIT'),
              account: found.get('account'),
              arguments: found.get('arguments')?.trim(),
              environment: new Map([...found].filter(([name]) => name.startsWith('ETCD_'))),
            },
    };
  },
});
