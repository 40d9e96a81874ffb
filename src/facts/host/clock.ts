import type { Host } from '../../host/host.ts';
import { type Command, sh } from '../../shell/command.ts';
import { type Answers, askAll, type Fact, type FactTable } from '../fact.ts';

/** A host's clock beside ours. */
export interface Clock {
  /** Seconds it is ahead of ours; negative when behind. */
  readonly ahead: number;
  /** By how many seconds that may be wrong. */
  readonly doubt: number;
}

/** When a question was sent and its answer had come, by our clock, and what the host's said first and last in between. */
export interface Moments {
  readonly asked: number;
  readonly first: number;
  readonly last: number;
  readonly answered: number;
}

/**
 * How far a host's clock is ahead, from seconds since 1970: it was read after the question was sent and before the answer
 * came. What was asked between its two readings may take as long as it likes.
 */
export function compareClocks({ asked, first, last, answered }: Moments): Clock {
  const most = first - asked;
  const least = last - answered;
  return { ahead: (most + least) / 2, doubt: Math.abs(most - least) / 2 };
}

/** The seconds by which a clock is off for certain; negative when behind. */
export function certainSkew({ ahead, doubt }: Clock): number {
  return Math.sign(ahead) * Math.max(0, Math.abs(ahead) - doubt);
}

/** Sets `now` to the host's time in seconds since 1970, once for all who want it, and `up` to how long it has run then. */
export const NOW: Command = sh`now=$(date +%s.%N)
read -r up _ < /proc/uptime`;
/** Seconds by which the kernel rounds that down at most. */
const UPTIME_STEP = 0.01;

const firstTime: Fact<number> = {
  ...{ first: [NOW], ask: sh`echo "$now"` },
  read: ({ stdout }) => Number(stdout),
};
/** Seconds that have passed since then, at least: what the kernel counts costs no program. */
const passed: Fact<number> = {
  ...{ first: [NOW], ask: sh`read -r later _ < /proc/uptime && echo "$up $later"` },
  read: ({ stdout }) => {
    const [up, later] = stdout.split(' ').map(Number);
    return Math.max(0, Number(later) - Number(up) - UPTIME_STEP);
  },
};

/** The answers to all questions of the table, and the host's clock, from one round trip. Throws when the host cannot be asked. */
export async function askTimed<Table extends FactTable>(
  host: Host,
  table: Table,
): Promise<{ readonly answers: Answers<Table>; readonly clock: Clock }> {
  const asked = Date.now() / 1000;
  const { answers, first, last } = await askBetween(host, table);
  return { answers, clock: compareClocks({ asked, first, last, answered: Date.now() / 1000 }) };
}

async function askBetween<Table extends FactTable>(host: Host, table: Table) {
  const all = await askAll<FactTable>(host, { firstTime, ...table, passed });
  const { firstTime: first, passed: since, ...answers } = all;
  return {
    ...{ answers: answers as Answers<Table> },
    ...{ first: Number(first), last: Number(first) + Number(since) },
  };
}

/** The host's own time, to the second. Throws when the host cannot be asked. */
export async function clockOf(host: Host): Promise<Date> {
  const { seconds } = await askAll(host, {
    seconds: { ask: sh`date +%s`, read: ({ stdout }) => Number(stdout) },
  });
  return new Date(seconds * 1000);
}
