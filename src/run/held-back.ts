import { Failure } from '../failure/failure.ts';
import type { Left } from '../plan/left.ts';
import type { Plan } from '../plan/plan.ts';
import type { Next, Offered } from '../problem/remedy.ts';

/** The end of a change that was held back on purpose; what is there may last. */
export class HeldBack extends Failure {
  /** The members and consumers that still have something to come. */
  readonly left: readonly string[];
  /** Why, where that is known of each. */
  readonly reasons: readonly Left[];

  constructor(
    sentence: string,
    left: readonly string[],
    still: string,
    next: Next,
    reasons: readonly Left[] = [],
  ) {
    super('paused', `${sentence}; still to come: ${still}`, { next });
    this.left = left;
    this.reasons = reasons;
  }
}

/**
 * The end of a change that did without members, where the plan did; `outside` are others that it left, for another reason.
 * `finish` says what does the rest once they are back.
 */
export function leftWithout(
  { cluster, away = [], left = [] }: Pick<Plan, 'cluster' | 'away' | 'left'>,
  finish: (names: string, are: string, they: string) => Offered,
  outside: readonly Left[] = [],
): HeldBack | undefined {
  if (away.length === 0) return undefined;
  const reasons = [
    ...left,
    ...outside.filter(({ name }) => left.every((one) => one.name !== name)),
  ];
  const names = away.join(', ');
  const [are, they] = away.length === 1 ? ['is', 'it'] : ['are', 'they'];
  return new HeldBack(
    `${cluster}: this is what can be done without ${names}`,
    reasons.map(({ name }) => name),
    reasons.map(({ name, because }) => `${name} (${because})`).join('; '),
    [finish(names, are, they)],
    reasons,
  );
}

/** Ends a run so; machines are told on the standard output what is left. */
export function throwHeldBack(cluster: string, held: HeldBack, json: boolean): never {
  if (json) console.log(JSON.stringify(heldBackData(cluster, held)));
  throw held;
}

/** What machines are told of it. */
export function heldBackData(cluster: string, { left, reasons }: HeldBack): object {
  return { cluster, left, ...(reasons.length > 0 && { reasons }) };
}
