import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory } from '../options/inventory.ts';
import { brakes, list, without } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';
import { rewrite } from '../options/rewrite.ts';

/** `--remove`, without when it is read. */
export const removal = {
  ...list,
  describe: 'members that the inventory does not name any more, to be taken out of the cluster',
} as const;

/** What is decided from, here and by `plan`. */
export const decisionOptions = {
  ...allowDowntime,
  wipe: {
    type: 'boolean',
    default: false,
    describe: 'give up all data: move it aside on every member, start a new cluster',
  },
} as const satisfies OptionTable;

/** When an option is read that is of no use where everything starts again. */
export const keepsData = {
  when: 'without --wipe, by which all members stop and start together',
  holds: ({ wipe }: Readonly<Record<string, unknown>>) => wipe !== true,
};

/** When members may be done without: beside one that is away nobody leaves, and no data is given up. */
export const keepsAll = {
  when: 'without --wipe and without --remove, which concern all members',
  holds: ({ wipe, remove }: Readonly<Record<string, unknown>>) =>
    wipe !== true && remove === undefined,
};

export const upOptions = {
  ...inventory,
  ...yes,
  ...decisionOptions,
  snapshot: {
    type: 'boolean',
    default: true,
    describe:
      'take a snapshot before an upgrade or a move to new machines; --no-snapshot leaves it out',
  },
  pauseAfter: { ...brakes.pauseAfter, only: keepsData },
  limit: { ...brakes.limit, only: keepsData },
  without: { ...without.without, only: keepsAll },
  remove: { ...removal, only: keepsData },
  yesWipe: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --wipe',
    only: { when: 'with --wipe', holds: ({ wipe }) => wipe === true },
  },
  ...rewrite,
  ...passphrase,
  ...changeOptions,
} as const satisfies OptionTable;
