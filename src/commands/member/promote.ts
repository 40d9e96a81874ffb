import { planFor } from '../../plan/intent.ts';
import { listChangeText } from '../../report/list-change-text.ts';
import { agreed } from '../../run/ask.ts';
import type { ArgumentsOf } from '../command.ts';
import { changeList } from './change-list.ts';
import type { memberPromoteOptions } from './options.ts';

const PROMOTED = { key: 'promoted', words: 'has its vote' } as const;

/** Gives a learner its vote, and changes nothing else. */
export async function memberPromote(args: ArgumentsOf<typeof memberPromoteOptions>): Promise<void> {
  const { member, json } = args;
  await changeList(args, {
    command: 'member-promote',
    plan: ({ desired }, facts) => planFor(desired, facts, { kind: 'promote-member', member }),
    confirm: async ({ desired, stop }) => {
      if (!args.yes) await agreed(`Do this to ${desired.name}?`, stop);
    },
    told: ({ desired }, facts, outcome) =>
      listChangeText(desired, facts, { ...outcome, member, became: PROMOTED, json }),
  });
}
