import type { OptionTable } from '../option-table.ts';
import { allowDowntime, yes } from '../options/consent.ts';
import { inventory, reach } from '../options/inventory.ts';
import { json } from '../options/json.ts';
import { list, without } from '../options/members.ts';
import { lock } from '../options/waiting.ts';

/** What a defragmentation is worth unless told: half of a file is free, and the file is not small (OpenShift's own rule). */
export const USUAL_RULE = 'sizeInUse < 0.55 * size && size > 100MB';

const when = {
  type: 'string',
  default: USUAL_RULE,
  describe: 'which members: a comparison of size, sizeInUse, free and quota with && and ||',
} as const;

const USUAL_PATIENCE = 600;

const patience = {
  timeout: {
    type: 'number',
    default: USUAL_PATIENCE,
    least: 1,
    describe: 'seconds to wait for each member; etcd goes on with what it has begun',
  },
} as const satisfies OptionTable;

/** What was given of these, for a command that is offered. */
export function patienceWords({
  timeout,
  allowDowntime,
}: {
  readonly timeout: number;
  readonly allowDowntime: boolean;
}): readonly string[] {
  return [
    ...(timeout === USUAL_PATIENCE ? [] : ['--timeout', `${timeout}`]),
    ...(allowDowntime ? ['--allow-downtime'] : []),
  ];
}

const change = { ...yes, ...lock, ...reach, ...json } as const satisfies OptionTable;

export const maintainDefragOptions = {
  ...inventory,
  member: { ...list, describe: 'only these members' },
  when,
  ...without,
  ...patience,
  ...allowDowntime,
  ...change,
} as const satisfies OptionTable;

export const maintainCompactOptions = {
  ...inventory,
  keep: {
    type: 'number',
    default: 10_000,
    describe: 'revisions of history that stay',
    only: {
      when: 'without --revision',
      holds: ({ revision }: Record<string, unknown>) => revision === undefined,
    },
  },
  revision: { type: 'number', least: 1, describe: 'compact to this revision' },
  ...patience,
  ...change,
} as const satisfies OptionTable;

export const maintainSpaceOptions = {
  ...inventory,
  keep: { type: 'number', default: 0, describe: 'revisions of history that stay' },
  ...without,
  ...patience,
  ...allowDowntime,
  ...change,
} as const satisfies OptionTable;

const scheduling = {
  when: 'without --remove, which ends the schedule',
  holds: ({ remove }: Record<string, unknown>) => remove !== true,
};

export const maintainScheduleOptions = {
  ...inventory,
  every: { type: 'string', default: '1d', describe: 'how often: 6h, 1d, 1w', only: scheduling },
  when: { ...when, only: scheduling },
  remove: { type: 'boolean', default: false, describe: 'end the schedule' },
  ...without,
  ...change,
} as const satisfies OptionTable;

const disarming = {
  when: 'with --disarm, which changes something',
  holds: ({ disarm }: Record<string, unknown>) => disarm === true,
};

export const maintainAlarmsOptions = {
  ...inventory,
  disarm: {
    type: 'boolean',
    default: false,
    describe: 'disarm NOSPACE, where every member has space; never CORRUPT',
  },
  yes: { ...yes.yes, only: disarming },
  lockWait: { ...lock.lockWait, only: disarming },
  ...reach,
  ...json,
} as const satisfies OptionTable;
