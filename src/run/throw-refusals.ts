import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import { problemData } from '../problem/render.ts';

export interface RefusalOptions {
  readonly inventory: string;
  readonly json: boolean;
  /** Whether this run has changed something on a host before. */
  readonly changed?: boolean;
}

/** Throws everything the planner refused as one Failure; for machines it is printed as data too. */
export function throwRefusals(
  { cluster, refusals }: Pick<Plan, 'cluster' | 'refusals'>,
  { inventory, json, changed = false }: RefusalOptions,
): void {
  if (refusals.length === 0) return;
  if (json) {
    const problems = refusals.map((refusal) => problemData(refusal, inventory));
    console.log(JSON.stringify({ cluster, waves: [], refusals: problems }));
  }
  throw refusalOf(cluster, refusals, changed);
}

/** Problems that forbid what was asked for, as one failure. */
export function refusalOf(cluster: string, problems: readonly Problem[], changed = false): Failure {
  const [first, ...others] = problems;
  if (first !== undefined && others.length === 0) return new Failure('refused', first);
  const state = changed
    ? 'refused; what this run did before stays'
    : 'refused, nothing was touched';
  const sentence = `${cluster}: ${state}`;
  return new Failure(
    'refused',
    { kind: 'refused', about: [], sentence, next: [] },
    {
      parts: problems,
    },
  );
}
