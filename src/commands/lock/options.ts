import type { OptionTable } from '../option-table.ts';
import { yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';

export const lockReleaseOptions = {
  ...inventory,
  ...yes,
  ...reach,
  ...json,
} as const satisfies OptionTable;
