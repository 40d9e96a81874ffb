import type { Problem } from '../problem/problem.ts';
import type { Next } from '../problem/remedy.ts';
import { Failure, partOf } from './failure.ts';

/** Throws one Failure for several; a bug among them is thrown as it is. */
export function throwTogether(failures: readonly unknown[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const bug = failures.find((failure) => !(failure instanceof Failure));
  if (bug !== undefined || failures.length === 1 || !(first instanceof Failure)) throw bug ?? first;
  const all = failures.filter((failure) => failure instanceof Failure);
  const { parts, next } = shared(all.map(partOf));
  throw new Failure(first.reason, `${all.length} hosts failed:`, {
    ...{ parts, next },
    log: all.map(({ log }) => log ?? '').join('\n'),
  });
}

/** What helps all is told once; what helps one host need not help another, and stands below that one. */
function shared(parts: readonly Problem[]): {
  readonly parts: readonly Problem[];
  readonly next: Next;
} {
  const [{ next } = { next: [] }, ...others] = parts;
  const isSame = (one: Problem) => JSON.stringify(one.next) === JSON.stringify(next);
  return others.every(isSame)
    ? { parts: parts.map((one) => ({ ...one, next: [] })), next }
    : { parts, next: [] };
}
