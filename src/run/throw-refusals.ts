import { Failure } from '../failure/failure.ts';
import type { Plan, Refusal } from '../plan/plan.ts';
import { nextText, problemData } from '../problem/render.ts';

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
  const [first] = refusals;
  if (first === undefined) return;
  if (json) {
    const problems = refusals.map((refusal) => problemData(refusal, inventory));
    console.log(JSON.stringify({ cluster, waves: [], refusals: problems }));
  }
  const told = ({ sentence, evidence = [] }: Refusal) =>
    [sentence, ...evidence.map((line) => `      ${line}`)].join('\n');
  if (refusals.length === 1) throw new Failure('refused', told(first), { next: first.next });
  const all = refusals.map(
    (refusal) => `  ${told(refusal)}\n    next: ${nextText(refusal.next, inventory)}`,
  );
  const state = changed
    ? 'refused; what this run did before stays'
    : 'refused, nothing was touched';
  throw new Failure('refused', [`${cluster}: ${state}`, ...all].join('\n'), {
    // Each has its own, which stands below it.
    next: [],
  });
}
