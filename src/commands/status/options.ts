import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';

export const statusOptions = {
  ...inventory,
  watch: { type: 'boolean', default: false, describe: 'look again every 2 s until interrupted' },
  ...reach,
  ...json,
} as const satisfies OptionTable;
