import { type HistoryEntry, readEntries } from '../../history/history-entry.ts';

/** Seconds between a command that stops a unit and systemd's word that it does. */
const SOON = 5;
/** Seconds for which a run of which no end is known may have worked. */
const LONGEST = 600;
/** Commands that stop members and leave them so, for good or for a while. */
const STOPS = /^(?:down|restore|migrate)/;

/**
 * Who stopped a unit at the time (seconds since 1970): by the lines `sudo=…` of sudo's journal, else by the lines `run=…`
 * of the host's history. Undefined where neither says.
 */
export function whoStopped(rows: readonly string[], at: number): string | undefined {
  const commands = rows.flatMap((row) => {
    const [, time, who, command] =
      /^sudo=(\d+\.\d+) \S+ sudo\[\d+\]:\s+(\S+) : .*COMMAND=(.*)$/.exec(row) ?? [];
    return time === undefined ? [] : [{ time: Number(time), who, command }];
  });
  const near = commands.findLast(({ time }) => time <= at + 1 && time >= at - SOON);
  if (near !== undefined) return `${near.who} (sudo ${near.command})`;
  const possible = runsOf(rows)
    .map((run) => ({ ...run, since: at - run.began }))
    .filter((run) => run.since > -60 && run.since < run.took + SOON)
    .filter((run) => STOPS.test(run.command) || hasLeft(run));
  // One that began after it stopped did not stop it, unless the clocks differ.
  const before = possible.filter(({ since }) => since >= 0);
  const [first] = (before.length > 0 ? before : possible).toSorted(
    (one, other) => Math.abs(one.since) - Math.abs(other.since),
  );
  return first && describeRun(first);
}

/** Any other run starts what it stops, if it comes to that: it was ended at a known time, and not by itself. */
function hasLeft({ result, cutAt, seconds }: PastRun): boolean {
  return result !== 'done' && result !== 'paused' && (cutAt ?? seconds) !== undefined;
}

/** `provision certs rotate (ann@desk, cut off)` */
function describeRun({ command, who, result }: PastRun): string {
  const [family = '', ...rest] = command.split('-');
  const verb = rest.join('-');
  const words = verb === '' ? '' : family === 'restore' ? ` --${verb}` : ` ${verb}`;
  const end: Partial<Record<HistoryEntry['result'], string>> = {
    'cut off': ', cut off',
    failed: ', failed',
    interrupted: ', interrupted',
  };
  return `provision ${family}${words} (${who}${end[result] ?? ''})`;
}

interface PastRun extends HistoryEntry {
  /** Seconds since 1970 by the clock of who began it. */
  readonly began: number;
  /** How many seconds it may have worked. */
  readonly took: number;
}

/**
 * The runs of the history. One of which no end is known was over when the next one of its cluster had the lock; of any other
 * the next may have begun before, and waited for it.
 */
function runsOf(rows: readonly string[]): readonly PastRun[] {
  const lines = rows.flatMap((row) => /^run=(.*)$/.exec(row)?.[1] ?? []);
  const runs = new Map(
    readEntries(lines.join('\n')).map((entry) => [
      entry.id,
      { ...entry, began: Date.parse(entry.at) / 1000 },
    ]),
  );
  const all = [...runs.values()];
  return all.map((run) => {
    const later = all.filter((one) => one.cluster === run.cluster && one.began > run.began);
    const next = Math.min(...later.map(({ began }) => began));
    const cut = run.cutAt === undefined ? undefined : run.cutAt - run.began;
    return { ...run, took: run.seconds ?? cut ?? Math.min(LONGEST, next - run.began) };
  });
}
