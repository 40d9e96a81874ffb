import type { OptionTable } from '../option-table.ts';
import { changeOptions } from '../options/change.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory } from '../options/inventory.ts';
import { brakes, list } from '../options/members.ts';
import { passphrase } from '../options/passphrase.ts';

const live = {
  when: 'with --via live',
  holds: ({ via }: Readonly<Record<string, unknown>>) => via === 'live',
};

export const migrateOptions = {
  ...inventory,
  to: {
    choices: ['http', 'https'] as const,
    demandOption: true,
    describe: 'the protocol to switch to',
  },
  via: {
    choices: ['live', 'snapshot', 'wipe'] as const,
    default: 'live' as const,
    describe:
      'live: one by one, no outage, data and ids stay; snapshot: seconds without writes, data stays; wipe: the data is moved aside',
  },
  yesWipe: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --via wipe',
    only: { when: 'with --via wipe', holds: ({ via }) => via === 'wipe' },
  },
  finish: {
    type: 'boolean',
    default: false,
    describe: 'clients have moved: stop serving the old protocol',
    only: live,
  },
  advertise: {
    type: 'boolean',
    default: false,
    describe:
      'put the new protocol into the member list, for clients that follow it; start those afterwards',
    only: {
      when: 'with --via live and without --finish, which does it too',
      holds: ({ via, finish }) => via === 'live' && finish !== true,
    },
  },
  clientsMayBeCut: {
    ...list,
    describe:
      'addresses of clients that may be cut off although they were seen on the old protocol',
    only: { when: 'with --finish', holds: ({ finish }) => finish === true },
  },
  window: {
    type: 'number',
    default: 10,
    least: 1,
    describe: 'seconds for which clients are watched, at all members at once',
    only: live,
  },
  acceptPlaintext: {
    type: 'boolean',
    default: false,
    describe: 'accept that nothing is encrypted or authenticated over http',
    only: { when: 'with --to http', holds: ({ to }) => to === 'http' },
  },
  pauseAfter: { ...brakes.pauseAfter, only: live },
  limit: { ...brakes.limit, only: live },
  ...allowDowntime,
  snapshot: {
    type: 'boolean',
    default: true,
    describe: 'take a snapshot first; --no-snapshot leaves it out',
    only: live,
  },
  windowPort: {
    type: 'number',
    least: 1,
    describe:
      'client port of the new protocol until --finish, 2378 unless told; the client port itself, where etcd can share it, leaves untold who uses which',
    only: live,
  },
  ...passphrase,
  ...yes,
  ...changeOptions,
} as const satisfies OptionTable;
