import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { brakes } from '../options/members.ts';
import { decisionOptions, keepsData, removal } from '../up/options.ts';

export const planOptions = {
  ...inventory,
  ...decisionOptions,
  limit: { ...brakes.limit, describe: 'what up with --limit would do', only: keepsData },
  remove: { ...removal, describe: 'what up with --remove would do', only: keepsData },
  exitCode: { type: 'boolean', default: false, describe: 'exit 10 when there is something to do' },
  ...reach,
  ...json,
} as const satisfies OptionTable;
