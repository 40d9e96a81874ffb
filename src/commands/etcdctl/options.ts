import { removedMembers } from '../../plan/membership/member-removal.ts';
import type { OptionTable } from '../option-table.ts';
import { inventory, reach } from '../options/inventory.ts';

export const etcdctlOptions = {
  ...inventory,
  member: { type: 'string', describe: 'run it on this member; else on the first that answers' },
  force: {
    type: 'boolean',
    default: false,
    describe: 'take a member out of the list although it answers, or the quorum needs it',
    only: {
      when: 'where a member is taken out of the list',
      holds: ({ '--': words }) =>
        Array.isArray(words) && removedMembers(words.map(String)).length > 0,
    },
  },
  ...reach,
} as const satisfies OptionTable;
