import type { Problem, Severity } from '../../problem/problem.ts';
import type { Next } from '../../problem/remedy.ts';

/** What is wrong, or will be, with one certificate, CA or revocation list: `etcd01/server`, `ca`, `ca.crl`. */
export function certificateProblem(
  about: string,
  kind: string,
  severity: Severity,
  sentence: string,
  next: Next,
): Problem {
  return { kind, about: [about], severity, sentence, next };
}
