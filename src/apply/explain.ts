import { Failure, partOf } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { remedy } from '../problem/remedy.ts';
import { Unanswered } from './gates/await-gates.ts';
import type { Means } from './step-context.ts';
import { NotReady } from './units/await-ready.ts';

const NEXT = [remedy`fix the cause and run the same command again: it goes on where it stopped`];

/** What failed of a wave. */
export interface Failed {
  readonly failures: readonly Failure[];
  /** The hosts on which a step failed, each with what failed there. */
  readonly hosts: ReadonlyMap<string, string>;
}

export const NOTHING: Failed = { failures: [], hosts: new Map() };

/** All failures of a wave as one; where members are not ready or do not answer, with what the hosts' journals say of it. */
export async function explain(
  plan: Plan,
  what: string,
  { failures, hosts }: Failed,
  diagnose: Means['diagnose'],
): Promise<Failure> {
  // A step that was refused beside one that failed is no refusal of the whole.
  const first = failures.find(({ reason }) => reason !== 'refused') ?? failures[0];
  const sentence = `${plan.cluster}: ${what}`;
  const parts = failures.map((one) => ({ ...partOf(one), next: [] }));
  const isSilence = (one: Failure) => one instanceof NotReady || one instanceof Unanswered;
  if (!failures.some(isSilence)) {
    return new Failure(first?.reason ?? 'failed', sentence, {
      parts,
      next: failures.find(({ next }) => next.length > 0)?.next ?? NEXT,
      log: failures.map(({ log }) => log ?? '').join('\n'),
      hosts,
    });
  }
  return diagnose(new Failure('failed', sentence, { parts, hosts, next: NEXT }), NEXT, plan);
}
