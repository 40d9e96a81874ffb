import { describePlan } from '../../plan/describe.ts';
import { planFor } from '../../plan/intent.ts';
import { ledText } from '../../report/led-text.ts';
import { agreed } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { withOperation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import type { memberMoveLeaderOptions } from './options.ts';

/** Hands leadership to another member, and sees that all follow it. */
export async function memberMoveLeader(
  args: ArgumentsOf<typeof memberMoveLeaderOptions>,
): Promise<void> {
  const { member, json } = args;
  await withOperation(
    { ...args, needs: 'any-host', command: 'member-move-leader' },
    async (operation) => {
      const { desired, stop } = operation;
      const look = () => lookWithoutPrograms(operation);
      await converge(operation, args, {
        look,
        plan: (facts) =>
          planFor(desired, facts, {
            kind: 'move-leader',
            ...(member !== undefined && { member }),
          }),
        show: (plan) => {
          if (!json) console.log(describePlan(plan));
        },
        confirm: async () => {
          if (!args.yes) await agreed(`Do this to ${desired.name}?`, stop);
        },
        act: async (plan) => {
          const { executePlan } = await import('../../run/execute-plan.ts');
          return executePlan(operation, plan, args);
        },
        prove: async ({ plan, seen, done }) => {
          const changed = done !== undefined;
          const facts = changed ? await look() : seen;
          return ledText(desired, facts, { changed, notes: plan.notes ?? [], json });
        },
      });
    },
  );
}
