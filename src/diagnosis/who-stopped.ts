/** Seconds between a command that stops a unit and systemd's word that it does. */
const SOON = 5;
/** Seconds for which a run of which no end is known may have worked. */
const LONGEST = 600;
/** Commands that stop members and leave them so. */
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
  const able = runsOf(rows)
    .map((run) => ({ ...run, since: at - run.began }))
    .filter(
      ({ since, took, command }) => since > -60 && since < took + SOON && STOPS.test(command),
    );
  // One that began after it stopped did not stop it, unless the clocks differ.
  const before = able.filter(({ since }) => since >= 0);
  const [first] = (before.length > 0 ? before : able).toSorted(
    (one, other) => Math.abs(one.since) - Math.abs(other.since),
  );
  return first && `provision ${first.command} (${first.who})`;
}

interface PastRun {
  readonly id: string;
  readonly cluster: string;
  readonly command: string;
  readonly who: string;
  readonly began: number;
  /** How long it took, where its end is known: one that is over has stopped nobody since. */
  readonly seconds: number | undefined;
  /** When its host heard the last of it, by the host's clock, where it was cut off. */
  readonly cutAt: number | undefined;
}

/**
 * The runs of the history. One of which no end is known was over when the next one of its cluster had the lock; of any other
 * the next may have begun before, and waited for it.
 */
function runsOf(rows: readonly string[]): readonly (PastRun & { readonly took: number })[] {
  const runs = new Map(
    rows
      .filter((row) => row.startsWith('run='))
      .map(readRun)
      .map((run) => [run.id, run]),
  );
  const all = [...runs.values()];
  return all.map((run) => {
    const later = all.filter((one) => one.cluster === run.cluster && one.began > run.began);
    const next = Math.min(...later.map(({ began }) => began));
    const cut = run.cutAt === undefined ? undefined : run.cutAt - run.began;
    return { ...run, took: run.seconds ?? cut ?? Math.min(LONGEST, next - run.began) };
  });
}

function readRun(row: string): PastRun {
  const number = (key: string) => {
    const [, digits] = new RegExp(`"${key}":([\\d.]+)`).exec(row) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const said = (key: string) => new RegExp(`"${key}":"([^"]+)"`).exec(row)?.[1] ?? '';
  return {
    ...{ id: said('id'), cluster: said('cluster'), command: said('command'), who: said('who') },
    began: Date.parse(said('at')) / 1000,
    ...{ seconds: number('seconds'), cutAt: number('cutAt') },
  };
}
