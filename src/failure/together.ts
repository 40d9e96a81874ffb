import { Failure } from './failure.ts';

/** Throws one Failure for several; a bug among them is thrown as it is. */
export function throwTogether(failures: readonly unknown[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const bug = failures.find((failure) => !(failure instanceof Failure));
  if (bug !== undefined || failures.length === 1 || !(first instanceof Failure)) throw bug ?? first;
  const all = failures.filter((failure) => failure instanceof Failure);
  throw new Failure(first.reason, `${all.length} hosts failed:`, {
    lines: all.map(({ message }) => `  ${message}`),
    next: first.next,
    parts: all,
    evidence: all.map(({ evidence }) => evidence ?? '').join('\n'),
  });
}
