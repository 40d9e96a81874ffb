import { planFor } from '../../plan/intent.ts';
import { listChangeText } from '../../report/list-change-text.ts';
import { typedPhrase } from '../../run/ask.ts';
import type { ArgumentsOf } from '../command.ts';
import { changeList } from './change-list.ts';
import type { memberRemoveStrangerOptions } from './options.ts';

const REMOVED = { key: 'removed', words: 'is removed' } as const;

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
      listChangeText(desired, facts, { ...outcome, member, became: REMOVED, json }),
  });
}
