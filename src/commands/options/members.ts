import type { OptionTable } from '../option-table.ts';

/** Given once or more, each time one or several with commas between; never greedy, so a file name may follow. */
export const list = {
  type: 'string',
  coerce: (given: string | readonly string[]): readonly string[] =>
    [given].flat().flatMap((text) => text.split(',')),
} as const;

/** Members that are done without. */
export const without = {
  without: {
    ...list,
    describe: 'members that are down: do what is safe for the others, say what is left; exit 6',
  },
} as const satisfies OptionTable;

/** What holds a change back that goes from member to member. */
export const brakes = {
  pauseAfter: {
    choices: ['first', 'each'] as const,
    describe: 'ask after the first member, or each, whether to go on; without a terminal exit 6',
  },
  limit: {
    ...list,
    describe:
      'only these members, while all others answer or cannot start; exit 6 where others have to follow',
  },
} as const satisfies OptionTable;
