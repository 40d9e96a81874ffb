import type { ClusterFacts } from '../../facts/cluster.ts';
import { describePlan } from '../../plan/describe.ts';
import { databasesOf } from '../../plan/maintaining/database.ts';
import { listed } from '../../plan/maintaining/listed.ts';
import type { Plan } from '../../plan/plan.ts';
import { namesOf } from '../../plan/waves.ts';
import { remedy } from '../../problem/remedy.ts';
import { housekeepingText } from '../../report/housekeeping-text.ts';
import { agreed } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { heldBackData, leftWithout } from '../../run/held-back.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import type { Needs } from '../../run/needs.ts';
import { type Operation, type OperationOptions, withOperation } from '../../run/operation.ts';
import { type Away, requireSeenOr } from '../../run/without-hosts.ts';
import { refuseWithoutUser } from './refuse-without-user.ts';

type HouseArguments = Omit<OperationOptions, 'command' | 'needs'> & {
  readonly json: boolean;
  readonly yes: boolean;
};

/** What one way of keeping house does, beside the loop that all of them go through. */
export interface Housekeeping {
  readonly command: string;
  /** Which hosts must have been seen, of those that etcd lists; every one unless told. */
  readonly needs?: Needs;
  /** What is told of a member that counts and cannot be asked. */
  readonly away?: Away;
  readonly plan: (operation: Operation, facts: ClusterFacts) => Plan;
  /** Whether a write is to prove what was done. */
  readonly provesWrite: boolean | ((plan: Plan) => boolean);
}

/** Looks at the members' databases, says what would be done, does it when a person agrees, and says what came of it. */
export async function keepHouse(
  args: HouseArguments,
  { command, needs = 'every-host', away, plan, provesWrite: proves }: Housekeeping,
): Promise<void> {
  const provesWrite = (decided: Plan) => (typeof proves === 'boolean' ? proves : proves(decided));
  // Which hosts count is known only when etcd's list is.
  await withOperation({ ...args, needs: 'any-host', command }, async (operation) => {
    const { desired, stop } = operation;
    await converge(operation, args, {
      look: () => look(operation, needs, away),
      plan: ({ facts }) => plan(operation, facts),
      show: (decided) => {
        if (!args.json) console.log(describePlan(decided));
      },
      confirm: async ({ cluster }) => {
        if (!args.yes) await agreed(`Do this to ${cluster}?`, stop);
      },
      act: async (decided, seen) => {
        // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
        const { executePlan, proveTakesWrites } = await import('../../run/execute-plan.ts');
        const timings = await executePlan(operation, decided, args);
        if (provesWrite(decided)) await proveTakesWrites(operation, seen.judged);
        return timings;
      },
      prove: async ({ plan: decided, seen, done }) => {
        const fresh = done === undefined ? seen : await look(operation, needs, away);
        const databases = {
          before: databasesOf(desired, seen.facts),
          after: databasesOf(desired, fresh.facts),
        };
        const held = leftWithout(
          decided,
          (names, are, they) =>
            remedy`when ${names} ${are} back, run the same command without --without: it does what ${they} and the others still need`,
        );
        const outcome = { cluster: desired.name, changed: done !== undefined, ...databases };
        const told = args.json
          ? JSON.stringify({
              ...outcome,
              notes: decided.notes ?? [],
              ...(held && heldBackData(desired.name, held)),
            })
          : housekeepingText({ ...outcome, provesWrite: provesWrite(decided) });
        if (held === undefined) return told;
        if (told !== undefined) console.log(told);
        throw held;
      },
    });
  });
}

/** What is on the hosts, and the members that etcd lists. */
interface House {
  readonly facts: ClusterFacts;
  readonly judged: readonly string[];
}

/** Throws a Failure where one that counts was not reached, or etcd would deny what comes then. */
async function look(operation: Operation, needs: Needs, away: Away | undefined): Promise<House> {
  const [facts] = await Promise.all([lookWithoutPrograms(operation), refuseWithoutUser(operation)]);
  const among = listed(operation.desired, facts);
  requireSeenOr(among, needs, away);
  const isAway = (name: string) =>
    typeof needs === 'object' && 'but' in needs && needs.but.includes(name);
  return { facts, judged: namesOf(among.desired).filter((name) => !isAway(name)) };
}
