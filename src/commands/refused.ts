import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';

/** Throws everything the planner refused as one Failure; INVENTORY in what to do next becomes the file at hand. */
export function throwRefusals({ cluster, refusals }: Plan, inventory: string): void {
  const filled = refusals.map(({ sentence, next }) => ({
    sentence,
    next: next.replaceAll('INVENTORY', inventory),
  }));
  const [first] = filled;
  if (first === undefined) return;
  if (filled.length === 1) throw new Failure('refused', first.sentence, { next: first.next });
  const all = filled.map(({ sentence, next }) => `  ${sentence}\n    next: ${next}`);
  throw new Failure('refused', [`${cluster}: refused, nothing was touched`, ...all].join('\n'));
}
