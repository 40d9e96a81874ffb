import type { OptionTable } from '../option-table.ts';

/** Whether settings get the names that `etcd.version` has. */
export const rewrite = {
  rewriteSettings: {
    type: 'boolean',
    default: false,
    describe:
      'give settings in the inventory file the names that its etcd.version has, after showing the diff',
  },
} as const satisfies OptionTable;
