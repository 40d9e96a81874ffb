import { sh } from '../shell/command.ts';
import { type Fact, properties } from './fact.ts';

export interface UnitFact {
  readonly exists: boolean;
  /** systemd's own word: active, activating, inactive, failed, … */
  readonly active: string;
  readonly sub: string;
  readonly enabled: boolean;
  /** The unit file is newer than what systemd has loaded. */
  readonly stale: boolean;
  /** 0 when nothing runs. */
  readonly pid: number;
  readonly restarts: number;
  readonly result: string;
  /** When the running process started, seconds since 1970 by the host's clock. */
  readonly startedAt: number | undefined;
  readonly process: ProcessFact | undefined;
}

/** What the running etcd was really started with. */
export interface ProcessFact {
  readonly executable: string;
  /** The ETCD_* variables it was given. */
  readonly environment: ReadonlyMap<string, string>;
}

export const unitFact = (unit: string): Fact<UnitFact> => ({
  // `show` answers for unknown units too, so an absent unit is a fact, not an error.
  ask: sh`shown=$(systemctl show ${unit}.service --property=LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,MainPID,NRestarts,Result,ExecMainStartTimestamp)
echo "$shown"
pid=\${shown##*MainPID=}; pid=\${pid%%[!0-9]*}
[ "$pid" -gt 0 ] || exit 0
started=\${shown##*ExecMainStartTimestamp=}; started=\${started%%'
'*}
echo "startedAt=$(date -d "$started" +%s)"
echo "executable=$(readlink /proc/$pid/exe)"
tr '\\0' '\\n' < /proc/$pid/environ | grep ^ETCD_`,
  read({ stdout }) {
    const found = properties(stdout);
    const pid = Number(found.get('MainPID') ?? 0);
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
      startedAt: Number.isNaN(startedAt) ? undefined : startedAt,
      process:
        pid === 0
          ? undefined
          : {
              executable: found.get('executable') ?? '',
              environment: new Map([...found].filter(([name]) => name.startsWith('ETCD_'))),
            },
    };
  },
});
