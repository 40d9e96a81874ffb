import { CAUSES } from './causes.ts';

/** What is seen of a member that did not come up. */
export interface Symptoms {
  readonly name: string;
  readonly journal: readonly string[];
  /** Seconds the host's clock is ahead of ours. */
  readonly clockAhead: number;
  readonly state: string;
}

export interface Diagnosis {
  readonly name: string;
  /** The row of the cause table, or what else is known. */
  readonly kind: string;
  readonly cause: string;
  /** Journal lines that show it, newest last. */
  readonly evidence: readonly string[];
  readonly next: string;
}

/** A clock this many seconds off makes fresh certificates invalid (not-before is backdated by ten minutes). */
const SKEW = 300;
const SHOWN = 3;
const WIDTH = 280;

/** The likeliest cause why one member is not ready, from its journal and from the clocks of all hosts. */
export function classify(
  { name, journal, state }: Symptoms,
  clocks: readonly Pick<Symptoms, 'name' | 'clockAhead'>[] = [],
): Diagnosis {
  for (const row of CAUSES) {
    const lines = journal.filter((line) => row.pattern.test(line));
    const match = row.pattern.exec(lines.at(-1) ?? '');
    if (match === null) continue;
    const evidence = lines.slice(-SHOWN).map((line) => excerpt(line, row.pattern));
    const { cause, next } = (row.name === 'expired' && wrongClock(clocks)) || row;
    return {
      name,
      kind: row.name,
      cause: fill(cause, match),
      evidence,
      next: fill(next, match),
    };
  }
  return {
    name,
    kind: 'unknown',
    cause:
      journal.length === 0
        ? `its unit is ${state}, and its journal is empty`
        : `its unit is ${state}; it waits for other members to form a quorum`,
    evidence: journal.slice(-SHOWN).map((line) => line.slice(0, WIDTH)),
    next: 'look at the members with a cause first',
  };
}

/** Certificates look invalid to a host whose clock is wrong, and those it shows may be fine. */
function wrongClock(clocks: readonly Pick<Symptoms, 'name' | 'clockAhead'>[]) {
  const wrong = clocks.filter(({ clockAhead }) => Math.abs(clockAhead) > SKEW);
  if (wrong.length === 0) return undefined;
  const told = wrong.map(({ name, clockAhead }) => `the clock of ${name} is ${size(clockAhead)}`);
  return {
    cause: `${told.join(', ')}, so certificates look invalid`,
    next: `set the clock of ${wrong.map(({ name }) => name).join(', ')} (timedatectl set-ntp true), then run up again`,
  };
}

/** What is around the words that tell: etcd puts the error behind half a screen of other fields, and stack traces behind that. */
function excerpt(line: string, pattern: RegExp): string {
  if (line.length <= WIDTH) return line;
  const match = pattern.exec(line);
  const told = (match?.index ?? 0) + Math.min(match?.[0].length ?? 0, WIDTH);
  const end = Math.min(line.length, Math.max(WIDTH, told + WIDTH / 4));
  const start = Math.max(0, end - WIDTH);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}

function fill(text: string, match: RegExpExecArray): string {
  return text
    .replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
    .replaceAll(String.raw`\"`, '"')
    .replaceAll(/ +/g, ' ')
    .trim();
}

function size(seconds: number): string {
  const off = Math.abs(seconds);
  const text = off > 7200 ? `${Math.round(off / 3600)} h` : `${Math.round(off / 60)} min`;
  return seconds > 0 ? `${text} ahead of this machine's` : `${text} behind this machine's`;
}
