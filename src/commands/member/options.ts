import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { lookOptions } from '../options/look.ts';
import { passphrase } from '../options/passphrase.ts';
import { lock } from '../options/waiting.ts';

export const memberListOptions = lookOptions;

export const memberMoveLeaderOptions = {
  ...inventory,
  member: { type: 'string', describe: 'who is to lead; anybody else unless told' },
  ...yes,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const memberPromoteOptions = {
  ...inventory,
  member: { type: 'string', demandOption: true, describe: 'the learner, as the inventory has it' },
  ...yes,
  ...changeOptions,
} as const satisfies OptionTable;

export const memberRemoveStrangerOptions = {
  ...inventory,
  stranger: {
    type: 'string',
    demandOption: true,
    describe: "name or id of the member, as etcd's list has it",
  },
  ...yes,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const memberReplaceOptions = {
  ...inventory,
  member: {
    type: 'string',
    demandOption: true,
    describe: 'name of the member, as the inventory has it',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'although it answers: its data is moved aside, and it receives that of the others',
  },
  ...allowDowntime,
  ...yes,
  ...passphrase,
  ...changeOptions,
} as const satisfies OptionTable;
