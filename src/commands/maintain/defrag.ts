import { planFor } from '../../plan/intent.ts';
import { needsBut } from '../../run/needs.ts';
import type { ArgumentsOf } from '../command.ts';
import { keepHouse } from './keep-house.ts';
import { type maintainDefragOptions, patienceWords } from './options.ts';
import { ruleOf, whenWords } from './rule.ts';

/** Gives the free space in members' databases back, one member after another. */
export async function maintainDefrag(
  args: ArgumentsOf<typeof maintainDefragOptions>,
): Promise<void> {
  const { member: members, when, timeout: seconds, allowDowntime, without: away } = args;
  const rule = ruleOf(when);
  await keepHouse(
    { ...args, member: undefined, limit: members },
    {
      command: 'maintain-defrag',
      needs: needsBut(away),
      away: {
        command: [
          ...['maintain', 'defrag', ...whenWords(when)],
          ...(members === undefined ? [] : ['--member', members.join(',')]),
          ...patienceWords(args),
        ],
      },
      plan: ({ desired }, facts) =>
        planFor(desired, facts, {
          ...{ kind: 'defragment', members, rule, when, seconds, allowDowntime, away },
        }),
      provesWrite: true,
    },
  );
}
