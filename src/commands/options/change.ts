import type { OptionTable } from '../option-table.ts';
import { reach } from './inventory.ts';
import { json } from './json.ts';
import { lock, timeout } from './waiting.ts';

/** What every command may be told that changes members. */
export const changeOptions = {
  ...timeout,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;
