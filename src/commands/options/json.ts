import type { OptionTable } from '../option-table.ts';

/** For machines. */
export const json = {
  json: { type: 'boolean', default: false, describe: 'print the result as JSON, nothing else' },
} as const satisfies OptionTable;
