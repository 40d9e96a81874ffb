import type { OptionTable } from '../option-table.ts';
import { yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { lock } from '../options/waiting.ts';

export const downOptions = {
  ...inventory,
  ...yes,
  purge: {
    type: 'boolean',
    default: false,
    describe: 'also remove data, configuration and programs, after a typed phrase',
  },
  yesPurge: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --purge',
    only: { when: 'with --purge', holds: ({ purge }) => purge === true },
  },
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;
