import type { Situation } from './precondition.ts';
import { type Next, offered, remedy } from './remedy.ts';

/** Something that is wrong, or that forbids what was asked for. */
export interface Problem {
  /** Members, consumers or the cluster; whoever is asked about one of them finds it by its name. */
  readonly about?: readonly string[];
  /** One sentence that names the host and the cause. */
  readonly sentence: string;
  /** What shows it, as it was seen. */
  readonly evidence?: readonly string[];
  /** What would make it safe. */
  readonly next: Next;
}

/** The problem with those remedies only that are safe now. */
export function inSituation<T extends Problem>(problem: T, situation: Situation): T {
  const { next } = problem;
  if (typeof next === 'string') return problem;
  const safe = offered(next, situation);
  return { ...problem, next: safe.length > 0 ? safe : [remedy`${NOTHING_SAFE}`] };
}

const NOTHING_SAFE =
  'nothing is safe to do by a command now; change nothing and see what each host has';
