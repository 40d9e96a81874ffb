import { type Fact, properties } from '../../facts/fact.ts';
import { syncJournal } from '../../facts/host/journal.ts';
import { type Command, sh } from '../../shell/command.ts';
import { type Line, readJournal } from './line.ts';
import { whoStopped } from './who-stopped.ts';

const LINES = 500;
/** Seconds after which a start is not taken for one of a crash loop. */
const SETTLES = 8;

/** The last start of a unit: how systemd judges it, and what was said during it. */
export interface StartFact {
  /** loaded, masked, bad-setting, not-found, error */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly enabled: string;
  readonly result: string;
  /** How the main process of this start ended; undefined while it runs, or where there was none. */
  readonly end: ProcessEnd | undefined;
  readonly restarts: number;
  /** Whether an Assert…= or Condition…= of the unit kept it from starting. */
  readonly assertFailed: boolean;
  /** Commands before the start that failed, with their exit codes. */
  readonly failedPre: readonly string[];
  readonly dropIns: readonly string[];
  /** Variables that the unit and its drop-ins set by themselves. */
  readonly environment: ReadonlyMap<string, string>;
  /** A process that is stopped where it stands (SIGSTOP, a debugger, a frozen control group). */
  readonly isFrozen: boolean;
  /** What systemd has ready to say of a unit it could not load. */
  readonly loadError: string;
  /** The host's clock, seconds since 1970. */
  readonly now: number;
  /** Who stopped it, where the host knows: `ops (sudo systemctl stop etcd)`. */
  readonly stoppedBy: string | undefined;
  /** When systemd stopped it on request, in seconds. */
  readonly stoppedAt: number | undefined;
  /** Whether it was never started since the host booted. */
  readonly isUnstarted: boolean;
  /** Lines of this start alone, the oldest first. */
  readonly lines: readonly Line[];
}

export interface ProcessEnd {
  /** exited, killed, dumped */
  readonly how: string;
  /** `1/FAILURE`, `9/KILL` */
  readonly status: string;
}

const SHOWN = [
  ...['LoadState', 'LoadError', 'UnitFileState', 'ActiveState', 'SubState', 'Result', 'NRestarts'],
  ...[
    'AssertResult',
    'ConditionResult',
    'InvocationID',
    'ExecCondition',
    'ExecStartPre',
    'DropInPaths',
  ],
  ...['MainPID', 'Environment', 'FreezerState'],
].join(',');

/** What systemd and its journal know of the last start of a unit. */
export const startFact = (unit: string): Fact<StartFact> => ({
  ask: sh`shown=$(systemctl show ${unit}.service --property=${SHOWN})
echo "$shown"
pid=\${shown##*MainPID=}; pid=\${pid%%[!0-9]*}
echo "now=$(date +%s)"
[ "\${pid:-0}" = 0 ] || sed -n 's/^State:[[:space:]]*\\([A-Z]\\).*/process=\\1/p' /proc/$pid/status
journalctl --boot --identifier=sudo --lines=100 --no-pager --output=short-unix | grep -E 'COMMAND=.*(systemctl|service|kill|shutdown|poweroff|reboot)' | tail -n 20 | sed 's/^/sudo=/'
tail -n 20 /var/lib/provision/history.jsonl | sed 's/^/run=/'
${syncJournal}
journalctl --boot ${linesOf(unit)} --lines=${LINES} --reverse --no-pager --output=json --output-fields=MESSAGE,INVOCATION_ID,_SYSTEMD_INVOCATION_ID`,
  read({ stdout }) {
    const rows = stdout.split('\n');
    const journal = readJournal(rows.filter((row) => row.startsWith('{"')));
    const head = rows.filter((row) => !row.startsWith('{"'));
    const found = properties(head.join('\n'));
    const shown = (name: string) => found.get(name) ?? '';
    const lines = [
      ...lastStart(
        journal,
        shown('InvocationID'),
        shown('ActiveState') === 'activating' && Number(shown('NRestarts') || 0) > 0,
      ),
      ...(shown('Result') === 'exec-condition' ? notSetUp(shown('ExecCondition'), journal) : []),
    ];
    const stop = lines.findLast(({ text }) => /^Stopp(?:ed|ing) /.test(text));
    return {
      load: shown('LoadState'),
      active: shown('ActiveState'),
      sub: shown('SubState'),
      enabled: shown('UnitFileState'),
      result: shown('Result'),
      end: endOf(lines),
      restarts: Number(shown('NRestarts') || 0),
      assertFailed:
        shown('AssertResult') === 'no' &&
        shown('LoadState') === 'loaded' &&
        /asserts? failed|assertion failed/i.test(journal.at(-1)?.text ?? ''),
      failedPre: failedPre(head),
      dropIns: shown('DropInPaths')
        .split(' ')
        .filter((path) => path !== ''),
      environment: variables(shown('Environment')),
      isFrozen: ['T', 't'].includes(shown('process')) || shown('FreezerState') === 'frozen',
      loadError: shown('LoadError').replace(/^\S+ "?|"$/g, ''),
      now: Number(shown('now')),
      stoppedAt: stop?.at,
      stoppedBy: stop && whoStopped(head, stop.at),
      isUnstarted: lines.length === 0,
      lines,
    };
  },
});

/**
 * The lines of the start that systemd knows, or of the last one it told of. A unit that is just being started again after a
 * crash has said nothing yet: then those of the start before, which tell why.
 */
function lastStart(
  journal: readonly Line[],
  invocation: string,
  isRestarting: boolean,
): readonly Line[] {
  const known = invocation || journal.findLast(({ start }) => start !== undefined)?.start;
  const own = journal.filter(({ start }) => start === known);
  const [first] = own;
  if (!isRestarting || endOf(own) !== undefined || hasSettled(own)) return own;
  const before = journal.findLast(
    ({ start, at }) =>
      start !== undefined && start !== known && (first === undefined || at <= first.at),
  );
  return before === undefined ? own : journal.filter(({ start }) => start === before.start);
}

/** Whether a start has got as far as waiting for others: what ends by itself ends sooner. */
function hasSettled(lines: readonly Line[]): boolean {
  return (lines.at(-1)?.at ?? 0) - (lines[0]?.at ?? 0) > SETTLES;
}

// Environment=A=1 B="two words"
function variables(shown: string): ReadonlyMap<string, string> {
  const pairs = [...shown.matchAll(/"?(ETCD_\w+)=([^\s"]*)/g)];
  return new Map(pairs.map(([, name = '', value = '']) => [name, value]));
}

function endOf(lines: readonly Line[]): ProcessEnd | undefined {
  const line = lines.findLast(({ text }) => /Main process exited, code=/.test(text));
  const [, how, status] = /code=(\w+), status=(\S+)/.exec(line?.text ?? '') ?? [];
  return how === undefined || status === undefined ? undefined : { how, status };
}

/**
 * A line in systemd's own form for a condition whose process it could not set up: of these systemd writes none, and goes on
 * as if the condition were not met (exit statuses 200 to 243: systemd.exec(5), "Process Exit Codes").
 */
function notSetUp(condition: string, journal: readonly Line[]): readonly Line[] {
  const status = Number(/code=exited ; status=(\d+)/.exec(condition)?.[1]);
  if (!(status >= 200 && status <= 243)) return [];
  const name = SET_UP[status];
  const text = `Condition process exited, code=exited, status=${status}${name === undefined ? '' : `/${name}`}`;
  const last = journal.at(-1);
  return [{ at: last?.at ?? 0, text, start: last?.start }];
}

const SET_UP: Readonly<Record<number, string>> = {
  ...{ 203: 'EXEC', 204: 'MEMORY', 205: 'LIMITS', 216: 'GROUP', 217: 'USER', 218: 'CAPABILITIES' },
  ...{ 219: 'CGROUP', 226: 'NAMESPACE', 228: 'SECCOMP', 233: 'RUNTIME_DIRECTORY' },
};

// ExecStartPre={ path=/bin/false ; argv[]=/bin/false ; … ; code=exited ; status=1 }
function failedPre(head: readonly string[]): readonly string[] {
  return head
    .filter((row) => row.startsWith('ExecStartPre='))
    .flatMap((row) => {
      const [, argv, ignored, code, status] =
        /argv\[\]=(.*?) ; ignore_errors=(\w+) ;.* code=(\S+) ; status=(\d+)/.exec(row) ?? [];
      return code === 'exited' && status !== '0' && ignored !== 'yes'
        ? [`${argv} (exit code ${status})`]
        : [];
    });
}

/**
 * All lines about a unit. What systemd's child says of a program that it cannot start names the unit itself: it may end
 * before journald has seen which unit it belongs to, and `--unit` leaves out such lines of everybody but process 1.
 */
function linesOf(unit: string): Command {
  const name = `${unit}.service`;
  const fields = ['_SYSTEMD_UNIT', 'UNIT', 'OBJECT_SYSTEMD_UNIT', 'COREDUMP_UNIT'];
  const [first = '', ...others] = fields.map((field) => `${field}=${name}`);
  return sh`${first} ${others.flatMap((match) => ['+', match])}`;
}
