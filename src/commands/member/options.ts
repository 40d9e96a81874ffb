import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory } from '../options/inventory.ts';
import { lookOptions } from '../options/look.ts';
import { passphrase } from '../options/passphrase.ts';

export const memberListOptions = lookOptions;

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
