import { DEFAULT_VERSION } from '../etcd/versions.ts';
import { removedMembers } from '../plan/member-removal.ts';
import type { OptionTable } from './option-table.ts';

/** Each shared option once, as data. */
export const inventory = {
  inventory: { type: 'string', demandOption: true, describe: 'inventory file (YAML)' },
} as const satisfies OptionTable;

export const json = {
  json: { type: 'boolean', default: false, describe: 'print the result as JSON, nothing else' },
} as const satisfies OptionTable;

export const reach = {
  concurrency: {
    type: 'number',
    default: 32,
    least: 1,
    describe: 'hosts connected to at the same time',
  },
} as const satisfies OptionTable;

export const yes = {
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'do not ask' },
} as const satisfies OptionTable;

export const timeout = {
  timeout: {
    type: 'number',
    default: 120,
    least: 1,
    describe: 'seconds a member may take to start before it is diagnosed',
  },
} as const satisfies OptionTable;

export const lock = {
  lockWait: {
    type: 'number',
    default: 0,
    describe: 'seconds to wait while another run works on the cluster',
  },
} as const satisfies OptionTable;

export const passphrase = {
  'passphrase-from': {
    type: 'string',
    describe: 'of the CA key: ask, env:NAME, fd:N or file:PATH; asked for where it is needed',
  },
} as const satisfies OptionTable;

export const allowDowntime = {
  allowDowntime: {
    type: 'boolean',
    default: false,
    describe: 'accept that one or two members take no writes while one restarts',
  },
} as const satisfies OptionTable;

/** Given once or more, each time one or several with commas between; never greedy, so a file name may follow. */
export const list = {
  type: 'string',
  coerce: (given: string | readonly string[]): readonly string[] =>
    [given].flat().flatMap((text) => text.split(',')),
} as const;

/** What holds a change back that goes from member to member. */
export const brakes = {
  pauseAfter: {
    choices: ['first', 'each'] as const,
    describe: 'ask after the first member, or each, whether to go on; without a terminal exit 6',
  },
  limit: {
    ...list,
    describe:
      'only these members, while all others answer or cannot start; exit 6 where others have to follow',
  },
} as const satisfies OptionTable;

const removal = {
  ...list,
  describe: 'members that the inventory does not name any more, to be taken out of the cluster',
} as const;

const wishes = {
  ...allowDowntime,
  wipe: {
    type: 'boolean',
    default: false,
    describe: 'give up all data: move it aside on every member, start a new cluster',
  },
} as const satisfies OptionTable;

const keepsData = {
  when: 'without --wipe, by which all members stop and start together',
  holds: ({ wipe }: Readonly<Record<string, unknown>>) => wipe !== true,
};

export const upOptions = {
  ...inventory,
  ...yes,
  ...wishes,
  pauseAfter: { ...brakes.pauseAfter, only: keepsData },
  limit: { ...brakes.limit, only: keepsData },
  remove: { ...removal, only: keepsData },
  yesWipe: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --wipe',
    only: { when: 'with --wipe', holds: ({ wipe }) => wipe === true },
  },
  ...passphrase,
  ...timeout,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const planOptions = {
  ...inventory,
  ...wishes,
  limit: { ...brakes.limit, describe: 'what up with --limit would do', only: keepsData },
  remove: { ...removal, describe: 'what up with --remove would do', only: keepsData },
  exitCode: { type: 'boolean', default: false, describe: 'exit 10 when there is something to do' },
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const statusOptions = {
  ...inventory,
  watch: { type: 'boolean', default: false, describe: 'look again every 2 s until interrupted' },
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const doctorOptions = { ...inventory, ...reach, ...json } as const satisfies OptionTable;

export const downOptions = {
  ...inventory,
  ...yes,
  purge: {
    type: 'boolean',
    default: false,
    describe: 'also remove data, configuration and programs, after a typed phrase',
  },
  yesPurge: {
    type: 'string',
    describe: 'cluster name, instead of typing the phrase for --purge',
    only: { when: 'with --purge', holds: ({ purge }) => purge === true },
  },
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;

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
  ...timeout,
  ...lock,
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const envOptions = { ...inventory, ...reach, ...json } as const satisfies OptionTable;

export const initOptions = {
  file: { type: 'string', describe: 'where to write it; - is stdout, else inventory.yaml' },
  hosts: {
    type: 'string',
    describe: 'addresses with commas between, each as ADDRESS or NAME=ADDRESS',
  },
  cluster: { type: 'string', describe: 'name of the cluster' },
  user: { type: 'string', describe: 'login name on the hosts; else ~/.ssh/config, else your own' },
  protocol: {
    choices: ['https', 'http'] as const,
    default: 'https' as const,
    describe: 'for peers and clients alike',
  },
  etcd: { type: 'string', default: DEFAULT_VERSION, describe: 'version of etcd' },
  ...json,
} as const satisfies OptionTable;

export const renderOptions = {
  ...inventory,
  out: { type: 'string', describe: 'directory to write them to, one for each member; else stdout' },
  ...json,
} as const satisfies OptionTable;

export const lockStatusOptions = { ...inventory, ...reach, ...json } as const satisfies OptionTable;

export const lockReleaseOptions = {
  ...inventory,
  ...yes,
  ...reach,
  ...json,
} as const satisfies OptionTable;

export const historyOptions = { ...inventory, ...reach, ...json } as const satisfies OptionTable;

export const checkOptions = {
  ...inventory,
  diskTest: {
    type: 'boolean',
    default: true,
    describe: 'write to the data disks for five seconds at most; --no-disk-test leaves them alone',
  },
  ...reach,
  ...json,
} as const satisfies OptionTable;
