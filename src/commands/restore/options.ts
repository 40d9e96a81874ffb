import type { ArgumentsOf } from '../command.ts';
import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { yes } from '../options/consent.ts';
import { inventory } from '../options/inventory.ts';

const path = { type: 'string' } as const;

const fromFile = {
  when: 'with --from',
  holds: ({ from }: Record<string, unknown>) => from !== undefined,
};
const restoring = {
  when: 'with --from or --from-member',
  holds: ({ undo }: Record<string, unknown>) => undo !== true,
};

export const restoreOptions = {
  ...inventory,
  from: { ...path, describe: 'snapshot file to build the new cluster from' },
  'from-member': {
    ...path,
    describe: 'quorum is lost for good: build a new cluster from what this member still has',
  },
  undo: {
    type: 'boolean',
    default: false,
    describe: 'take an unfinished restore back: the former data, the former configuration',
  },
  kubernetes: {
    type: 'boolean',
    describe:
      'move the revision on, so that watchers start over; by default where an apiserver is a consumer',
    only: restoring,
  },
  foreign: {
    type: 'boolean',
    default: false,
    describe: 'accept a snapshot of another cluster',
    only: fromFile,
  },
  'skip-hash-check': {
    type: 'boolean',
    default: false,
    describe: 'accept a database without its checksum, copied from a data directory',
    only: fromFile,
  },
  yes: { ...yes.yes, describe: 'do not ask; only with --yes-restore, which names the cluster' },
  'yes-restore': { ...path, describe: 'cluster name, instead of typing the phrase' },
  'passphrase-from': {
    ...path,
    describe: 'of an encrypted snapshot or CA key: ask, env:NAME, fd:N or file:PATH',
    only: restoring,
  },
  identity: { ...path, describe: 'age identity file that opens the snapshot', only: fromFile },
  ...changeOptions,
} as const satisfies OptionTable;
export type RestoreArguments = ArgumentsOf<typeof restoreOptions>;
