import { emptyStartToken } from '../../desired/empty-start.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { READ_PROCESSES, showUnit } from './show-unit.ts';

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
  /** What its unit told it of its resources; empty where it told nothing. */
  readonly service?: string | undefined;
  /** Bytes of memory that are its own, where the host says it. */
  readonly memory?: number | undefined;
  /** What stands behind the program in its command line, where the host says it. */
  readonly arguments?: string | undefined;
  /** The account it runs as, where the host says it; `#994` where nobody there has its number any more. */
  readonly account?: string | undefined;
  /** The ETCD_* variables it was given. */
  readonly environment: ReadonlyMap<string, string>;
}

export const unitFact = (unit: string): Fact<UnitFact> => ({
  first: [showUnit(unit), READ_PROCESSES],
  ask: sh`echo "$shown"
[ ! -e ${emptyStartToken(unit)} ] || echo mayStartEmpty=yes
[ "$pid" -gt 0 ] || exit 0
[ -z "$starting" ] || echo process=starting
started=\${shown##*ExecMainStartTimestamp=}; started=\${started%%${'\n'}*}
case $started in *' UTC') ;; *) echo "startedAt=$(date -d "$started" +%s)" ;; esac
set -f; IFS=${'\n'}
for line in $processes; do
  case $line in "/proc/$pid|"*) said=\${line#*|} ;; "/proc/$pid/exe|"*) echo "executable=\${line#*|*|*|}" ;; esac
done
account=\${said%%|*}; number=\${said#*|}; number=\${number%%|*}
[ "$account" != "$number" ] || account="#$number"
echo "account=$account"
for line in $environ; do
  case $line in ETCD_* | PROVISION_UNIT=* | PROVISION_SERVICE=*) printf '%s\\n' "$line" ;; esac
done
case $words in *${'\n'}*) set -- \${words#*${'\n'}} ;; *) set -- ;; esac
IFS=' '
echo "arguments=$*"
while IFS= read -r line; do
  case $line in RssAnon:*) echo "memory=$line"; break ;; esac
done < /proc/$pid/status
# What was read of one that ended meanwhile is not of it, or is not there.
birth "$pid"; [ -n "$birth" ] && [ "$birth" = "$born" ] || echo process=ended`,
  read({ stdout }) {
    const found = properties(stdout);
    const main = Number(found.get('MainPID') ?? 0);
    const pid = found.has('process') ? 0 : main;
    const isAsserted = found.get('AssertResult') === 'yes' || !found.get('AssertTimestamp');
    const startedAt = Number(found.get('startedAt') ?? secondsOf(found));
    const memory = kibibytes(found.get('memory'));
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
              service: found.get('PROVISION_SERVICE'),
              ...(memory !== undefined && { memory }),
              account: found.get('account'),
              arguments: found.get('arguments')?.trim(),
              environment: new Map([...found].filter(([name]) => name.startsWith('ETCD_'))),
            },
    };
  },
});

/** `RssAnon:     30212 kB` of proc(5) in bytes. */
function kibibytes(line: string | undefined): number | undefined {
  const [, count] = /(\d+) kB/.exec(line ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * 1024;
}

// As in "Sat 2026-11-21 11:42:26 UTC"; in another zone the host has worked it out.
function secondsOf(found: ReadonlyMap<string, string>): number {
  const [, day = '', time = '', zone] = found.get('ExecMainStartTimestamp')?.split(' ') ?? [];
  return zone === 'UTC' ? Date.parse(`${day}T${time}Z`) / 1000 : Number.NaN;
}
