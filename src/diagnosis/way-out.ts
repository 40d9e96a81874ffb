import type { Refusal } from '../plan/plan.ts';
import { MISPLACED } from '../plan/refusing/moved-places.ts';
import { isSame, type Problem, type Proposal } from '../problem/problem.ts';
import type { Offered, Remedy } from '../problem/remedy.ts';
import { cures } from './cures.ts';

/** Refusals of what a host adds to the unit, by files or by systemd's own environment. */
export const LAUNCH: ReadonlySet<string> = new Set(['drop-in', 'manager-environment']);

/**
 * Refusals that a person ends by hand on a host, in the inventory or in the store: after that `up` does what it refused. Of
 * all others the way out is a command of its own, or nothing may be done before something else is known.
 */
const ENDED_BY_HAND: ReadonlySet<string> = new Set([
  ...LAUNCH,
  ...['masked', 'unit-shadowed', 'token-keys', 'no-programs'],
  ...['port-taken', 'metrics-port-taken', 'address-not-here', 'metrics-address-not-here'],
  ...['port-not-allowed', 'log-file', 'log-directory', 'no-space', 'quota', 'no-openssl'],
  ...['no-program', 'program-does-not-run', 'program-of-another-version', 'older-program'],
  ...['minor-changed', 'wrong-architecture', 'old-systemd', 'shared-program'],
  ...['setting-changed', 'member-exchanged', 'clock', 'own-clock', ...MISPLACED],
  ...['trusts-another-ca', 'ca-cannot-sign', 'next-ca-unfit', 'peer-ca-changed'],
]);

/** The ways out of a refusal, each with the `up` that goes on where somebody has to end it by hand. */
export function goingOn(
  refusal: Pick<Refusal, 'kind' | 'next'>,
  up: Pick<Remedy, 'parts'> = cures.plainUp(),
): readonly Offered[] {
  return refusal.next.map((one) =>
    ENDED_BY_HAND.has(refusal.kind) && !namesCommand(one) ? cures.andThen(one, up) : one,
  );
}

/**
 * The way out of these refusals, which keep `up` from helping with a problem, and the `up` that helps after that. Where the
 * problem is the first refusal itself, it needs no telling again.
 */
export function wayOut(
  [first, ...others]: readonly Refusal[],
  one: Pick<Problem, 'kind' | 'about'>,
  up?: Pick<Remedy, 'parts'>,
): readonly Offered[] {
  if (first === undefined) return [];
  const [helps, ...alternatives] = first.next;
  if (helps === undefined) return [];
  const told = isSame(first, one) ? helps : cures.refusedNow(first.sentence, helps);
  // What else stands in its way is ended before it is typed.
  const whole = others.reduce<Offered>(
    (before, { sentence, next: [next] }) =>
      next === undefined ? before : cures.refusedToo(before, sentence, next),
    told,
  );
  return goingOn({ ...first, next: [whole, ...alternatives] }, up);
}

/** Of these refusals those that have to be ended before `up` goes on: all that are ended by hand, where the first one is. */
export function endedTogether(refusals: readonly Refusal[]): readonly Refusal[] {
  const [first] = refusals;
  const isByHand = ({ kind, next: [next] }: Refusal) =>
    ENDED_BY_HAND.has(kind) && next !== undefined && !namesCommand(next);
  return first === undefined || !isByHand(first)
    ? refusals.slice(0, 1)
    : refusals.filter((one) => isByHand(one));
}

/** The `up` of a problem, with what it says that up does. */
export function upOf({ next }: Pick<Proposal, 'next'>): Remedy | undefined {
  return next.find(isUp);
}

/** Whether a remedy is `up` at once. */
export function isUp({ requires }: Remedy): boolean {
  return requires.some(({ kind }) => kind === 'upWouldAct');
}

function namesCommand({ parts }: Pick<Remedy, 'parts'>): boolean {
  return parts.some((part) => typeof part !== 'string' && 'provision' in part);
}
