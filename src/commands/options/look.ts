import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from './inventory.ts';
import { json } from './json.ts';

/** The options of a command that looks at a cluster and has no more to be told. */
export const lookOptions = { ...inventory, ...reach, ...json } as const satisfies OptionTable;
