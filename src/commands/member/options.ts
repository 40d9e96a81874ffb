import type { OptionTable } from '../option-table.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { passphrase } from '../options/passphrase.ts';
import { lock, timeout } from '../options/waiting.ts';

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
  ...timeout,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;
