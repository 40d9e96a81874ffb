import { type Intent, planFor } from '../../plan/intent.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { type Operation, type OperationOptions, withOperation } from '../../run/operation.ts';

type Options = Omit<OperationOptions, 'command' | 'needs'> &
  Parameters<typeof changeCluster>[1] & {
    readonly yes: boolean;
    readonly allowDowntime: boolean;
  };

/** Has members that were taken over run by their former units and files again, one after another. */
export async function undoAdoption(args: Options): Promise<void> {
  const intent: Intent<'give-back'> = { kind: 'give-back', allowDowntime: args.allowDowntime };
  await withOperation({ ...args, needs: 'every-host', command: 'adopt-undo' }, (operation) =>
    giveBack(operation, args, intent),
  );
}

async function giveBack(
  operation: Operation,
  args: Options,
  intent: Intent<'give-back'>,
): Promise<void> {
  const { desired, stop } = operation;
  await changeCluster(operation, args, {
    plan: (facts) => planFor(desired, facts, intent),
    remaining: (facts) => planFor(desired, facts, intent),
    confirm: async ({ cluster }) => {
      if (!args.yes) await agreed(`Have ${cluster} run as it did before provision?`, stop);
    },
  });
}
