import { Failure, partOf, type Reason } from '../failure/failure.ts';
import { stepsOf } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import { remedy } from '../problem/remedy.ts';
import { ALL, type Timing } from './timing.ts';

/** Why a roll-out ended early and how far it came: what was asked to stop it, the steps done, what failed meanwhile. */
export function stopped(
  plan: Plan,
  timings: readonly Timing[],
  stop: AbortSignal,
  failures: readonly Failure[],
): Failure {
  const all = plan.waves.flatMap(({ lanes }) => stepsOf(lanes)).length;
  const done = timings.filter(({ host }) => host !== ALL);
  const last = done.at(-1);
  const progress = `${done.length} of ${all} steps are done${last ? `, the last: ${last.host}: ${last.what}` : ''}`;
  // Several hosts may have ended by the same words, and by those that stopped them.
  const told = new Map(failures.map((one) => [one.message, { ...partOf(one), next: [] }]));
  told.delete(why(stop));
  const far = { kind: 'progress', about: [], sentence: progress, next: [] };
  return new Failure(reasonOf(stop), `${plan.cluster}: ${why(stop)}`, {
    parts: [...told.values(), far],
    next: [remedy`run the same command again: it looks at the hosts and goes on from there`],
    cause: stop.reason instanceof Failure ? stop.reason.cause : undefined,
    log: failures.map(({ log }) => log ?? '').join('\n'),
  });
}

function why({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : 'stopped';
}

function reasonOf({ reason }: AbortSignal): Reason {
  return reason instanceof Failure ? reason.reason : 'interrupted';
}
