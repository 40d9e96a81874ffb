import type { Situation } from './precondition.ts';
import { type Next, offered, type Remedy, remedy } from './remedy.ts';

/**
 * Something that is wrong, or that forbids what was asked for: the one shape of refusals, findings, diagnoses and of what a
 * failure says.
 */
export interface Problem {
  /** Which rule has found it. What is made of a problem is decided by this and `about`, never by its sentence. */
  readonly kind: string;
  /** The members, consumers or certificates that it is about; empty where it is the cluster as a whole. */
  readonly about: readonly string[];
  /** `warn` where the cluster can live with it. */
  readonly severity?: Severity;
  /** One sentence that names the host and the cause. */
  readonly sentence: string;
  /** What shows it, as it was seen. */
  readonly evidence?: readonly string[];
  /** What would make it safe. */
  readonly next: Next;
}

export type Severity = 'fail' | 'warn';

/** A problem whose remedies have not been held against what was observed yet. */
export type Proposal = Omit<Problem, 'next'> & { readonly next: readonly Remedy[] };

/** Whether two are the same problem of the same members, however each is worded. */
export function isSame(
  one: Pick<Problem, 'kind' | 'about'>,
  other: Pick<Problem, 'kind' | 'about'>,
): boolean {
  return one.kind === other.kind && one.about.join() === other.about.join();
}

/** The problem with those remedies only that are safe now. */
export function inSituation({ next, ...problem }: Proposal, situation: Situation): Problem {
  const safe = offered(next, situation);
  return { ...problem, next: safe.length > 0 ? safe : [remedy`${NOTHING_SAFE}`] };
}

const NOTHING_SAFE =
  'nothing is safe to do by a command now; change nothing and see what each host has';
