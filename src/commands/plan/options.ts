import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { brakes, without } from '../options/members.ts';
import { rewrite } from '../options/rewrite.ts';
import { decisionOptions, keepsAll, keepsData, removal } from '../up/options.ts';

export const planOptions = {
  ...inventory,
  ...decisionOptions,
  limit: { ...brakes.limit, describe: 'what up with --limit would do', only: keepsData },
  without: { ...without.without, describe: 'what up with --without would do', only: keepsAll },
  remove: { ...removal, describe: 'what up with --remove would do', only: keepsData },
  exitCode: { type: 'boolean', default: false, describe: 'exit 10 when there is something to do' },
  rewriteSettings: {
    ...rewrite.rewriteSettings,
    describe: 'what up with --rewrite-settings would do; the file stays as it is',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;
