import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';

export const checkOptions = {
  ...inventory,
  diskTest: {
    type: 'boolean',
    default: true,
    describe: 'write to the data disks for five seconds at most; --no-disk-test leaves them alone',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;
