import type { Problem, Severity } from '../problem/problem.ts';
import type { Next } from '../problem/remedy.ts';

/** That nothing is wrong, and how it looks, in few words. */
interface Passed {
  readonly severity: 'pass';
  readonly sentence: string;
}

/** What a check says of one host. */
export type HostVerdict = Passed | Objection;
type Objection = Pick<Problem, 'sentence' | 'next'> & { readonly severity: Severity };

/** The same with which check says it, and of which host. */
export type CheckResult = (Passed & Pick<Problem, 'kind' | 'about'>) | HostProblem;
type HostProblem = Problem & { readonly severity: Severity };

/** A question about one host, answered from what is known of it. */
export interface HostCheck<Subject> {
  readonly name: string;
  readonly judge: (subject: Subject) => HostVerdict;
}

/** The verdict that nothing is wrong, with how it looks. */
export function pass(sentence: string): Passed {
  return { severity: 'pass', sentence };
}

/** The verdict that something could become a problem, with what to do about it. */
export function warn(sentence: string, next: Next): Objection {
  return { severity: 'warn', sentence, next };
}

/** The verdict that `up` would fail on this host, with what to do about it. */
export function fail(sentence: string, next: Next): Objection {
  return { severity: 'fail', sentence, next };
}

/** Whether the host is not as it should be. */
export function isProblem(result: CheckResult): result is HostProblem {
  return result.severity !== 'pass';
}

/** Every check's verdict on one host. */
export function judgeHost<Subject>(
  checks: readonly HostCheck<Subject>[],
  host: string,
  subject: Subject,
): readonly CheckResult[] {
  return checks.map(({ name, judge }) => ({ ...judge(subject), kind: name, about: [host] }));
}
