import type { Problem } from '../problem/problem.ts';
import type { Next } from '../problem/remedy.ts';

/** Something that is wrong, or will be, with a certificate, a CA or a revocation list. */
export interface Finding extends Problem {
  /** `etcd01/server`, `ca`, `ca.crl` */
  readonly about: readonly [string];
  readonly check: string;
  readonly level: 'fail' | 'warn';
}

/** What is wrong with this one thing. */
export function findingOf(
  about: string,
  check: string,
  level: Finding['level'],
  sentence: string,
  next: Next,
): Finding {
  return { about: [about], check, level, sentence, next };
}
