import type { OptionTable } from '../option-table.ts';
import { yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { without } from '../options/members.ts';
import { lock } from '../options/waiting.ts';

const path = { type: 'string' } as const;

const passphrase = {
  'passphrase-from': {
    ...path,
    describe: 'of an encrypted snapshot: ask, env:NAME, fd:N or file:PATH; asked for where needed',
  },
  identity: { ...path, describe: 'age identity file that opens it, instead of a passphrase' },
} as const satisfies OptionTable;

const directory = {
  directory: {
    ...path,
    describe: 'where snapshots are on this machine; else as the inventory says',
  },
} as const satisfies OptionTable;

const file = {
  file: { type: 'string', describe: 'snapshot file; else the newest one' },
} as const satisfies OptionTable;

export const snapshotSaveOptions = {
  ...inventory,
  out: { ...path, describe: 'directory to write to; else as the inventory says' },
  member: {
    ...path,
    describe: 'take it from this member; else from the one that has applied most',
  },
  'keep-on-host': { type: 'boolean', default: false, describe: 'leave a copy on that member, too' },
  encrypt: {
    type: 'boolean',
    default: false,
    describe: 'encrypt it under a passphrase (age)',
    only: {
      when: 'without --recipient, whose key encrypts it',
      holds: ({ recipient }) => recipient === undefined,
    },
  },
  recipient: { ...path, describe: 'encrypt it for this age public key: age1…' },
  'passphrase-from': {
    ...path,
    describe: 'for --encrypt: ask, env:NAME, fd:N or file:PATH; asked for where it is needed',
    only: { when: 'with --encrypt', holds: ({ encrypt }) => encrypt === true },
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const snapshotListOptions = {
  ...inventory,
  ...directory,
  ...json,
} as const satisfies OptionTable;

export const snapshotVerifyOptions = {
  ...inventory,
  ...file,
  on: { ...path, describe: "also open it with etcd's own tool on this member" },
  ...directory,
  ...passphrase,
  ...reach,
  ...json,
} as const satisfies OptionTable;

const number = { type: 'number' } as const;

const retention = {
  'keep-last': { ...number, describe: 'keep the newest so many' },
  'keep-daily': { ...number, describe: 'keep the newest of each of so many days' },
  'keep-within': { ...path, describe: 'keep all younger than this: 36h, 7d, 4w' },
} as const satisfies OptionTable;

export const snapshotPruneOptions = {
  ...inventory,
  ...retention,
  ...directory,
  ...yes,
  ...json,
} as const satisfies OptionTable;

export const snapshotDrillOptions = {
  ...inventory,
  ...file,
  on: { ...path, describe: 'member to restore it on, on trial; else the last follower' },
  ...directory,
  ...passphrase,
  ...reach,
  ...json,
} as const satisfies OptionTable;

const scheduling = {
  when: 'without --remove, which ends the schedule',
  holds: ({ remove }: Record<string, unknown>) => remove !== true,
};

export const snapshotScheduleOptions = {
  ...inventory,
  every: { ...path, describe: 'how often: 30m, 6h, 1d', default: '6h', only: scheduling },
  'keep-last': { ...retention['keep-last'], only: scheduling },
  'keep-daily': { ...retention['keep-daily'], only: scheduling },
  'keep-within': { ...retention['keep-within'], only: scheduling },
  remove: { type: 'boolean', default: false, describe: 'end the schedule; snapshots stay' },
  ...without,
  ...yes,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;
