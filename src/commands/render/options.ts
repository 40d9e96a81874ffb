import type { OptionTable } from '../option-table.ts';
import { inventory } from '../options/inventory.ts';
import { json } from '../options/json.ts';

export const renderOptions = {
  ...inventory,
  out: { type: 'string', describe: 'directory to write them to, one for each member; else stdout' },
  ...json,
} as const satisfies OptionTable;
