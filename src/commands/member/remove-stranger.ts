import { planFor } from '../../plan/intent.ts';
import { removedText } from '../../report/removed-text.ts';
import { typedPhrase } from '../../run/ask.ts';
import type { ArgumentsOf } from '../command.ts';
import { changeList } from './change-list.ts';
import type { memberRemoveStrangerOptions } from './options.ts';

/** Takes a member that the inventory does not name out of etcd's list, and changes nothing else. */
export async function memberRemoveStranger(
  args: ArgumentsOf<typeof memberRemoveStrangerOptions>,
): Promise<void> {
  const { stranger: member, json } = args;
  await changeList(args, {
    command: 'member-remove-stranger',
    plan: ({ desired }, facts) => planFor(desired, facts, { kind: 'remove-stranger', member }),
    confirm: async ({ stop }) => {
      if (!args.yes) await typedPhrase(`remove ${member}`, '--yes', stop);
    },
    told: ({ desired }, facts, outcome) =>
      removedText(desired, facts, { ...outcome, member, json }),
  });
}
