import type { OptionTable } from '../option-table.ts';

/** Agreed beforehand. */
export const yes = {
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'do not ask' },
} as const satisfies OptionTable;

/** The same for seconds without writes. */
export const allowDowntime = {
  allowDowntime: {
    type: 'boolean',
    default: false,
    describe: 'accept that one or two members take no writes while one restarts',
  },
} as const satisfies OptionTable;
