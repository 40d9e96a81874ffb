import { describeSkew } from '../../facts/host/skew.ts';
import { cures } from '../cures.ts';
import { evidenceOf } from '../looks/evidence.ts';
import { isRoutineLine, type Line } from '../looks/line.ts';
import type { Cause } from './cause.ts';
import type { CauseRow } from './cause-row.ts';
import { CAUSES } from './causes.ts';

/** The clock of a member's host. */
interface Clock {
  readonly name: string;
  /** Seconds it is ahead of ours. */
  readonly clockAhead: number;
}

/** A clock this many seconds off makes fresh certificates invalid (not-before is backdated by ten minutes). */
export const SKEW = 300;

/** Why a process ended, by what it said before; what it said of other members does not count. */
export function classifyEnd(lines: readonly Line[], member: string): Cause | undefined {
  const own = lines.filter(
    ({ text }) => !isRoutineLine(text) || / FATAL|"level":"(?:fatal|panic)"/.test(text),
  );
  return firstCause(
    CAUSES.filter(({ of }) => of !== 'wait'),
    own,
    [],
    member,
  );
}

/** Why a process that runs has no part in the cluster, by what it says of late. */
export function classifyWait(
  lines: readonly Line[],
  clocks: readonly Clock[],
  member: string,
): Cause | undefined {
  return firstCause(
    CAUSES.filter(({ of }) => of !== 'end'),
    lines,
    clocks,
    member,
  );
}

/** The first row that a line fits, with what its newest line says. */
export function firstCause(
  rows: readonly CauseRow[],
  lines: readonly Line[],
  clocks: readonly Clock[],
  member: string,
): Cause | undefined {
  for (const row of rows) {
    const line = lines.findLast(({ text }) => row.pattern.test(text));
    const match = row.pattern.exec(line?.text ?? '');
    if (match === null) continue;
    const skew = row.name === 'expired' ? wrongClock(clocks) : undefined;
    const { sentence, next } = skew ?? { sentence: row.cause, next: row.next(member) };
    return {
      kind: row.name,
      sentence: fill(sentence, match),
      evidence: evidenceOf(lines, row.pattern),
      next: next.map((one) => ({
        ...one,
        parts: one.parts.map((part) => (typeof part === 'string' ? put(part, match) : part)),
      })),
    };
  }
  return undefined;
}

/** Certificates look invalid to a host whose clock is wrong, and those it shows may be fine. */
export function wrongClock(clocks: readonly Clock[]): Pick<Cause, 'sentence' | 'next'> | undefined {
  const wrong = clocks.filter(({ clockAhead }) => Math.abs(clockAhead) > SKEW);
  if (wrong.length === 0) return undefined;
  const told = wrong.map(
    ({ name, clockAhead }) => `the clock of ${name} is ${describeClock(clockAhead)}`,
  );
  return {
    sentence: `${told.join(', ')}, so certificates look invalid`,
    next: [
      cures.thenUp(
        `set the clock of ${wrong.map(({ name }) => name).join(', ')} (timedatectl set-ntp true)`,
      ),
    ],
  };
}

function put(text: string, match: RegExpExecArray): string {
  return text.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
}

function fill(text: string, match: RegExpExecArray): string {
  return put(text, match).replaceAll(String.raw`\"`, '"').replaceAll(/ +/g, ' ').trim();
}

/** How far a clock is off, for a person. */
export function describeClock(seconds: number): string {
  return `${describeSkew(seconds)} this machine's`;
}
