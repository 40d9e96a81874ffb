/** What a check says of one host. */
export interface Verdict {
  readonly verdict: 'pass' | 'warn' | 'fail';
  /** What was found, in few words. */
  readonly reason: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface Finding extends Verdict {
  readonly check: string;
  readonly host: string;
}

/** A question about one host, answered from what is known of it. */
export interface HostCheck<Subject> {
  readonly name: string;
  readonly judge: (subject: Subject) => Verdict;
}

export function pass(reason: string): Verdict {
  return { verdict: 'pass', reason };
}

export function warn(reason: string, remedy: string): Verdict {
  return { verdict: 'warn', reason, remedy };
}

export function fail(reason: string, remedy: string): Verdict {
  return { verdict: 'fail', reason, remedy };
}

/** Every check's verdict on one host. */
export function judgeHost<Subject>(
  checks: readonly HostCheck<Subject>[],
  host: string,
  subject: Subject,
): readonly Finding[] {
  return checks.map(({ name, judge }) => ({ check: name, host, ...judge(subject) }));
}
