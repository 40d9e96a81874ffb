import type { OptionTable } from '../option-table.ts';
import { yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { brakes, list, without } from '../options/members.ts';
import { lock } from '../options/waiting.ts';

/** How long a host may take unless told, seconds. */
export const USUAL_PATIENCE = 600;

export const rebootOptions = {
  ...inventory,
  members: { ...list, describe: 'only the hosts of these members' },
  required: {
    type: 'boolean',
    default: false,
    describe: 'only hosts that ask for it (/run/reboot-required)',
  },
  again: {
    type: 'boolean',
    default: false,
    describe: 'those too that had their turn in a reboot that is not over',
  },
  ...without,
  pauseAfter: brakes.pauseAfter,
  allowDowntime: {
    type: 'boolean',
    default: false,
    describe: 'accept that one or two members serve nobody while a host boots',
  },
  timeout: {
    type: 'number',
    default: USUAL_PATIENCE,
    least: 1,
    describe: 'seconds a host, and then its member, may take to come back',
  },
  ...yes,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;
