import type { Situation } from './precondition.ts';
import { type Next, offered, type Remedy, remedy } from './remedy.ts';

/** Something that is wrong, or that forbids what was asked for. */
export interface Problem {
  /** Members, consumers or the cluster; a reader finds what is about one of them by its name. */
  readonly about?: readonly string[];
  /** One sentence that names the host and the cause. */
  readonly sentence: string;
  /** What shows it, as it was seen. */
  readonly evidence?: readonly string[];
  /** What would make it safe. */
  readonly next: Next;
}

/** A problem whose remedies have not been held against what was observed yet. */
export type Proposal = Omit<Problem, 'next'> & { readonly next: readonly Remedy[] };

/** The problem with those remedies only that are safe now. */
export function inSituation({ next, ...problem }: Proposal, situation: Situation): Problem {
  const safe = offered(next, situation);
  return { ...problem, next: safe.length > 0 ? safe : [remedy`${NOTHING_SAFE}`] };
}

const NOTHING_SAFE =
  'nothing is safe to do by a command now; change nothing and see what each host has';
