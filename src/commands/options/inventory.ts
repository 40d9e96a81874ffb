import type { OptionTable } from '../option-table.ts';

/** Which cluster a command is about. */
export const inventory = {
  inventory: { type: 'string', demandOption: true, describe: 'inventory file (YAML)' },
} as const satisfies OptionTable;

/** How its hosts are reached. */
export const reach = {
  concurrency: {
    type: 'number',
    default: 32,
    least: 1,
    describe: 'hosts connected to at the same time',
  },
} as const satisfies OptionTable;
