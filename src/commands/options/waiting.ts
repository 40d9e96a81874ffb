import type { OptionTable } from '../option-table.ts';

/** How long members may take. */
export const timeout = {
  timeout: {
    type: 'number',
    default: 120,
    least: 1,
    describe: 'seconds a member may take to start before it is diagnosed',
  },
} as const satisfies OptionTable;

/** How long another run is waited for. */
export const lock = {
  lockWait: {
    type: 'number',
    default: 0,
    describe: 'seconds to wait while another run works on the cluster',
  },
} as const satisfies OptionTable;
