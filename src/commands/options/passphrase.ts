import type { OptionTable } from '../option-table.ts';

/** Where the passphrase of the CA key is. */
export const passphrase = {
  'passphrase-from': {
    type: 'string',
    describe: 'of the CA key: ask, env:NAME, fd:N or file:PATH; asked for where it is needed',
  },
} as const satisfies OptionTable;
