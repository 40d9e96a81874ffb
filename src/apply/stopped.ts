import { Failure, type Reason } from '../failure/failure.ts';
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
  const sentences = [why(stop), ...failures.map(({ message }) => message)];
  return new Failure(
    reasonOf(stop),
    `${plan.cluster}: ${[...new Set(sentences)].join('\n  ')}\n  ${progress}`,
    {
      next: [remedy`run the same command again: it looks at the hosts and goes on from there`],
      cause: stop.reason instanceof Failure ? stop.reason.cause : undefined,
      evidence: failures.map(({ evidence }) => evidence ?? '').join('\n'),
    },
  );
}

function why({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : 'stopped';
}

function reasonOf({ reason }: AbortSignal): Reason {
  return reason instanceof Failure ? reason.reason : 'interrupted';
}
