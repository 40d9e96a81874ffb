import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { brakes, list } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';

const removal = {
  ...list,
  describe: 'members that the inventory does not name any more, to be taken out of the cluster',
} as const;

const options = {
  ...allowDowntime,
  wipe: {
    type: 'boolean',
    default: false,
    describe: 'give up all data: move it aside on every member, start a new cluster',
  },
} as const satisfies OptionTable;

const keepsData = {
  when: 'without --wipe, by which all members stop and start together',
  holds: ({ wipe }: Readonly<Record<string, unknown>>) => wipe !== true,
};

export const upOptions = {
  ...inventory,
  ...yes,
  ...options,
  snapshot: {
    type: 'boolean',
    default: true,
    describe: 'take a snapshot before an upgrade; --no-snapshot leaves it out',
  },
  pauseAfter: { ...brakes.pauseAfter, only: keepsData },
  limit: { ...brakes.limit, only: keepsData },
  remove: { ...removal, only: keepsData },
  yesWipe: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --wipe',
    only: { when: 'with --wipe', holds: ({ wipe }) => wipe === true },
  },
  ...passphrase,
  ...changeOptions,
} as const satisfies OptionTable;

export const planOptions = {
  ...inventory,
  ...options,
  limit: { ...brakes.limit, describe: 'what up with --limit would do', only: keepsData },
  remove: { ...removal, describe: 'what up with --remove would do', only: keepsData },
  exitCode: { type: 'boolean', default: false, describe: 'exit 10 when there is something to do' },
  ...reach,
  ...json,
} as const satisfies OptionTable;
