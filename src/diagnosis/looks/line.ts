/** A line of a log or journal. */
export interface Line {
  /** Seconds since 1970 by the host's clock. */
  readonly at: number;
  readonly text: string;
  /** The start of the unit it belongs to, where systemd says it. */
  readonly start?: string | undefined;
}

/** The fields of a journal entry that are read. */
interface Entry {
  readonly __REALTIME_TIMESTAMP?: string;
  readonly MESSAGE?: string | readonly number[] | null;
  readonly INVOCATION_ID?: string;
  readonly _SYSTEMD_INVOCATION_ID?: string;
}

/**
 * Lines of `journalctl --unit --output=json --reverse`, the oldest first; what is cut short is passed over. Of a process that
 * ended before journald looked at it, journald knows the unit but not the start: its lines belong to the start before them.
 */
export function readJournal(rows: readonly string[]): readonly Line[] {
  let latest: string | undefined;
  return rows
    .toReversed()
    .flatMap((row) => readEntry(row) ?? [])
    .map((line) => {
      latest = line.start ?? latest;
      return { ...line, start: latest };
    });
}

function readEntry(row: string): readonly Line[] | undefined {
  const entry = parsed(row);
  if (entry === undefined) return undefined;
  const { MESSAGE: message, __REALTIME_TIMESTAMP: time } = entry;
  // Bytes, where a message is not UTF-8.
  const text = typeof message === 'string' ? message : Buffer.from(message ?? []).toString();
  const at = Number(time ?? 0) / 1e6;
  const start = entry.INVOCATION_ID ?? entry._SYSTEMD_INVOCATION_ID;
  return text
    .split('\n')
    .filter((one) => one.trim() !== '')
    .map((one) => ({ at, text: one, start }));
}

function parsed(row: string): Entry | undefined {
  if (!row.startsWith('{')) return undefined;
  try {
    return JSON.parse(row);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const ZAP = /^\{"level":"(\w+)"/;
// 2026-11-26 12:36:07.123456 E | etcdmain: …
const CAPNSLOG = /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ )?([NIWECD]) \| /;
const LEVELS: Readonly<Record<string, string>> = {
  ...{ D: 'debug', I: 'info', N: 'info', W: 'warn', E: 'error', C: 'fatal' },
};

/** etcd's level of a line: debug, info, warn, error, panic, fatal; undefined where it says none. */
export function levelOf(text: string): string | undefined {
  const letter = CAPNSLOG.exec(text)?.[1];
  return ZAP.exec(text)?.[1] ?? (letter && LEVELS[letter]);
}

/** When a line of a log file was written, seconds since 1970; undefined where it does not say. */
export function timeOf(text: string): number | undefined {
  const zap = /"ts":"([^"]+)"/.exec(text)?.[1];
  // 3.3 and 3.4 write it in the host's zone, which is UTC on servers.
  const plain = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) /.exec(text);
  const parsed = Date.parse(
    zap?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') ?? `${plain?.[1]}T${plain?.[2]}Z`,
  );
  return Number.isNaN(parsed) ? undefined : parsed / 1000;
}

// What etcd says of every start, of every stop, and of connections that ended while it stopped.
const SAID_ALWAYS =
  /This is not recommended for production|simple token is not cryptographically|failed to detect default host|use of closed network connection|"error":"EOF"|\(error "EOF"|unrecognized environment variable|failed to find remote peer in cluster|context canceled/;
const STACK =
  /^\s|^goroutine \d+|^created by |^(?:go|golang|github|google|main|runtime|internal|net|sync|os)[\w./*()-]*[./][^ ]*\(.*\)?$|^\[signal |^exit status|^main\.main\(\)$/;
const SYSTEMD =
  /^(?:Starting|Started|Stopping|Stopped) |Scheduled restart job|Consumed .* CPU time|Deactivated successfully|Succeeded\.$|Sending signal|^Failed to start |Unit process \d+/;

/** Whether a line may tell a person why: neither the course of things nor a stack trace. */
export function isTelling(text: string): boolean {
  const level = levelOf(text);
  if (level === 'info' || level === 'debug') return false;
  return text.trim() !== '' && !SAID_ALWAYS.test(text) && !STACK.test(text) && !SYSTEMD.test(text);
}

/**
 * Whether a line is about a connection that somebody opened to a member and that it refused, where that somebody is no
 * other member: a client, a person with curl, a probe of ours. From a member's address clients dial too, but only at the
 * client port.
 */
export function isRejectedStranger(text: string, peers: readonly string[]): boolean {
  // A listener whose own settings fit nobody rejects everybody.
  if (!text.includes('rejected connection') || text.includes('no cipher suite')) return false;
  if (text.includes('on client endpoint')) return true;
  const from = /(?:remote-addr":|rejected connection from )"\[?([^"\]]+)\]?:\d+"/.exec(text)?.[1];
  return from === undefined || !peers.includes(from);
}

/** Whether a line is about talking with other members, not about the member itself. */
export function isRoutineLine(text: string): boolean {
  return /rejected connection|prober detected|TCP streaming connection|remote[- ]peer|failed to reach the peer|health check for peer|dial tcp|failed to send out heartbeat|slow network|could not get cluster response|cluster ID mismatch/.test(
    text,
  );
}
