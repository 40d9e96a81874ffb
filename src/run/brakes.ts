import type { Brake } from '../apply/roll-out.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { hostsOf, laneName } from '../plan/lane.ts';
import { limited } from '../plan/limited.ts';
import type { Plan, Wave } from '../plan/plan.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { saysYes } from './ask.ts';
import { HeldBack, leftWithout } from './held-back.ts';
import type { Limits } from './limits.ts';

/** What holds a change back, and what it has held back. */
export interface Brakes {
  /** The plan as far as --limit lets it go. */
  readonly narrow: (plan: Plan, facts: ClusterFacts) => Plan;
  /** Between turns, for --pause-after; nothing to ask without it. */
  readonly brake: Brake | undefined;
  /** Whether neither of them held anything back. */
  readonly isWhole: () => boolean;
  /** Why the run ends before all is done, with how to go on; nothing where all is done. */
  readonly heldBack: () => HeldBack | undefined;
}

/** What --limit and --pause-after ask for. */
export function brakesOf(
  desired: DesiredCluster,
  { limit, pauseAfter, json }: Pick<Limits, 'limit' | 'pauseAfter' | 'json'>,
  stop?: AbortSignal,
): Brakes {
  let outside: readonly string[] = [];
  let isBeside = false;
  let decided: Plan | undefined;
  let isAsked = false;
  let paused: Pause | undefined;
  const brake: Brake = async ({ title, turn, lanes }, left) => {
    if (pauseAfter === 'first' && isAsked) return true;
    isAsked = true;
    const hosts = left.flatMap((wave) => hostsOf(wave.lanes));
    const still = stillToCome(left);
    const after = lanes.map(laneName).join(', ');
    const done = `"${title}" is done${turn && ` (${turn.number} of ${turn.of})`}, and all members answer`;
    const question = `${done}. Go on with ${still}?`;
    if (process.stdin.isTTY && !json && (await saysYes(question, stop))) return true;
    paused = { after, still, left: [...new Set(hosts)] };
    return false;
  };
  return {
    narrow: (plan, facts) => {
      decided = plan;
      if (limit === undefined) return plan;
      const { plan: narrowed, leftOut } = limited(plan, desired, facts, limit);
      outside = leftOut;
      isBeside = narrowed.without !== undefined;
      return narrowed;
    },
    brake: pauseAfter && brake,
    isWhole: () => paused === undefined && outside.length === 0,
    heldBack: () => {
      if (paused !== undefined)
        return new HeldBack(
          `${desired.name}: paused after ${paused.after}`,
          paused.left,
          paused.still,
          [remedy`run the same command again: it looks at the hosts and goes on from there`],
        );
      const without =
        decided &&
        leftWithout(
          decided,
          (names, are, they) =>
            remedy`when ${names} ${are} back: ${provision('up', INVENTORY)}; it looks at the hosts, and does what ${they} and the others still need`,
          outside.map((name) => ({ name, because: 'as --limit says' })),
        );
      if (without !== undefined || outside.length === 0) return without;
      return new HeldBack(
        `${desired.name}: only ${limit?.join(', ')}, as --limit says`,
        outside,
        outside.join(', '),
        isBeside
          ? [remedy`see what ${outside.join(', ')} needs: ${provision('doctor', INVENTORY)}`]
          : [
              remedy`run the same command without --limit: it looks at the hosts and goes on from there`,
            ],
      );
    },
  };
}

interface Pause {
  readonly after: string;
  readonly left: readonly string[];
  readonly still: string;
}

/** The members whose turn it is next, and that there is more behind them. */
function stillToCome(left: readonly Wave[]): string {
  const end = left.findIndex(({ turn }) => turn === undefined || turn.number === 1);
  const turns = end < 0 ? left : left.slice(0, end);
  const names = turns.flatMap(({ lanes }) => lanes.map(laneName)).join(', ');
  if (turns.length === left.length) return names;
  return names === '' ? 'the next stage' : `${names}, then the next stage`;
}
