import { planFor } from '../../plan/intent.ts';
import { ledText } from '../../report/led-text.ts';
import { agreed } from '../../run/ask.ts';
import type { ArgumentsOf } from '../command.ts';
import { changeList } from './change-list.ts';
import type { memberMoveLeaderOptions } from './options.ts';

/** Hands leadership to another member, and sees that all follow it. */
export async function memberMoveLeader(
  args: ArgumentsOf<typeof memberMoveLeaderOptions>,
): Promise<void> {
  const { member, json } = args;
  await changeList(args, {
    command: 'member-move-leader',
    plan: ({ desired }, facts) =>
      planFor(desired, facts, { kind: 'move-leader', ...(member !== undefined && { member }) }),
    confirm: async ({ desired, stop }) => {
      if (!args.yes) await agreed(`Do this to ${desired.name}?`, stop);
    },
    told: ({ desired }, facts, outcome) => ledText(desired, facts, { ...outcome, json }),
  });
}
