import { describePlan } from '../../plan/describe.ts';
import { planFor } from '../../plan/intent.ts';
import { removedText } from '../../report/removed-text.ts';
import { typedPhrase } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { withOperation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import type { memberRemoveStrangerOptions } from './options.ts';

/** Takes a member that the inventory does not name out of etcd's list, and changes nothing else. */
export async function memberRemoveStranger(
  args: ArgumentsOf<typeof memberRemoveStrangerOptions>,
): Promise<void> {
  const { stranger: member, json } = args;
  await withOperation(
    { ...args, needs: 'any-host', command: 'member-remove-stranger' },
    async (operation) => {
      const { desired, stop } = operation;
      const look = () => lookWithoutPrograms(operation);
      await converge(operation, args, {
        look,
        plan: (facts) => planFor(desired, facts, { kind: 'remove-stranger', member }),
        show: (plan) => {
          if (!json) console.log(describePlan(plan));
        },
        confirm: async () => {
          if (!args.yes) await typedPhrase(`remove ${member}`, '--yes', stop);
        },
        act: async (plan) => {
          const { executePlan } = await import('../../run/execute-plan.ts');
          return executePlan(operation, plan, args);
        },
        prove: async ({ plan, seen, done }) => {
          const changed = done !== undefined;
          const facts = changed ? await look() : seen;
          return removedText(desired, facts, { member, changed, notes: plan.notes ?? [], json });
        },
      });
    },
  );
}
