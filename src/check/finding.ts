import type { Problem } from '../problem/problem.ts';
import type { Next } from '../problem/remedy.ts';

/** What a check says of one host: that nothing is wrong and how it looks, or a problem. */
export type Verdict = Passed | Objection;

export interface Passed {
  readonly verdict: 'pass';
  /** What was found, in few words. */
  readonly sentence: string;
}

/** A problem that the cluster can live with (`warn`), or not (`fail`). */
export interface Objection extends Problem {
  readonly verdict: 'warn' | 'fail';
}

export type Finding = Verdict & {
  readonly check: string;
  readonly about: readonly [host: string];
};

/** A question about one host, answered from what is known of it. */
export interface HostCheck<Subject> {
  readonly name: string;
  readonly judge: (subject: Subject) => Verdict;
}

export function pass(sentence: string): Passed {
  return { verdict: 'pass', sentence };
}

export function warn(sentence: string, next: Next): Objection {
  return { verdict: 'warn', sentence, next };
}

export function fail(sentence: string, next: Next): Objection {
  return { verdict: 'fail', sentence, next };
}

/** Whether the host is not as it should be. */
export function objects(finding: Finding): finding is Finding & Objection {
  return finding.verdict !== 'pass';
}

/** Every check's verdict on one host. */
export function judgeHost<Subject>(
  checks: readonly HostCheck<Subject>[],
  host: string,
  subject: Subject,
): readonly Finding[] {
  return checks.map(({ name, judge }) => ({ ...judge(subject), check: name, about: [host] }));
}
