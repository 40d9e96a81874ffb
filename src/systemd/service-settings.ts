/** A setting of systemd for etcd's unit that an inventory may choose. */
export interface ServiceSetting {
  /** Why systemd, or etcd under it, would not do with the value; undefined where they would. */
  readonly whyBad: (value: string) => string | undefined;
  /** Where it counts: for the group of processes, for a process from its start on, or when the unit is stopped. */
  readonly of: 'group' | 'process' | 'stop';
  /** The systemd that brought it, where that is later than the oldest that hosts may have. */
  readonly since?: number;
}

// Under less a member is ended or slowed down again and again before it serves anybody.
const LEAST_MEMORY = 128 * 1024 ** 2;

/**
 * What may be set, in the order in which the unit has it. Each value was tried with `systemd-analyze verify` of systemd 247,
 * 252 and 257, which agree on all of them.
 */
export const SERVICE_SETTINGS: ReadonlyMap<string, ServiceSetting> = new Map<
  string,
  ServiceSetting
>([
  // A run waits 120 seconds for a stop: systemd has to have ended it by then.
  ['TimeoutStopSec', { of: 'stop', whyBad: seconds(30, 100) }],
  ['LimitNOFILE', { of: 'process', whyBad: numberOrInfinity(65_536, 1_073_741_816) }],
  ['OOMScoreAdjust', { of: 'process', whyBad: integer(-1000, 1000) }],
  ['IOSchedulingClass', { of: 'process', whyBad: oneOf('best-effort', 'realtime') }],
  ['IOSchedulingPriority', { of: 'process', whyBad: integer(0, 7) }],
  ['Nice', { of: 'process', whyBad: integer(-20, 19) }],
  ['CPUSchedulingPolicy', { of: 'process', whyBad: oneOf('other', 'batch') }],
  ['CPUAffinity', { of: 'process', whyBad: cpus }],
  ['CPUWeight', { of: 'group', whyBad: integer(1, 10_000) }],
  ['CPUQuota', { of: 'group', whyBad: percent(10, 100_000) }],
  ['MemoryMin', { of: 'group', since: 240, whyBad: memory(0) }],
  ['MemoryLow', { of: 'group', whyBad: memory(0) }],
  ['MemoryHigh', { of: 'group', whyBad: memory(LEAST_MEMORY) }],
  ['MemoryMax', { of: 'group', whyBad: memory(LEAST_MEMORY) }],
  ['MemorySwapMax', { of: 'group', whyBad: memory(0) }],
  ['IOWeight', { of: 'group', whyBad: integer(1, 10_000) }],
  ['TasksMax', { of: 'group', whyBad: numberOrInfinity(128, 4_194_304) }],
  ['Slice', { of: 'process', whyBad: slice }],
]);

/** What the unit says where the inventory says nothing. */
export const SERVICE_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['TimeoutStopSec', '90'],
  ['LimitNOFILE', '65536'],
  ['OOMScoreAdjust', '-900'],
  ['IOSchedulingClass', 'best-effort'],
  ['IOSchedulingPriority', '0'],
]);

/** Bytes of an amount of memory as the inventory and systemd write it; undefined for infinity and what is none. */
export function bytesOf(amount: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15})([KMGT]?)$/.exec(amount) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit);
}

/** CPUs of a list such as `0-3,6`. */
export function cpusOf(list: string): readonly number[] {
  return list.split(/[\s,]+/).flatMap((part) => {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === '') return [];
    const from = Number(first);
    return Array.from({ length: Math.max(0, Number(last) - from + 1) }, (_, at) => from + at);
  });
}

type Judge = ServiceSetting['whyBad'];

function integer(least: number, most: number): Judge {
  return (value) =>
    /^-?\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
}

function numberOrInfinity(least: number, most: number): Judge {
  const isNumber = integer(least, most);
  return (value) =>
    value === 'infinity' || isNumber(value) === undefined
      ? undefined
      : `must be infinity or a whole number from ${least} to ${most}`;
}

function percent(least: number, most: number): Judge {
  return (value) =>
    /^\d{1,6}%$/.test(value) &&
    Number.parseInt(value, 10) >= least &&
    Number.parseInt(value, 10) <= most
      ? undefined
      : `must be a percentage of one CPU from ${least}% to ${most}%, such as 200% for two CPUs`;
}

function memory(least: number): Judge {
  return (value) => {
    if (value === 'infinity') return undefined;
    const bytes = bytesOf(value);
    if (bytes === undefined || bytes > Number.MAX_SAFE_INTEGER)
      return 'must be infinity or an amount of memory such as 8G (K, M, G or T; a bare number is bytes)';
    return bytes < least ? `must be at least ${least / 1024 ** 2}M` : undefined;
  };
}

function seconds(least: number, most: number): Judge {
  return (value) => {
    const [, digits = '', unit] = /^(\d{1,4})(s|min)?$/.exec(value) ?? [];
    const length = Number(digits) * (unit === 'min' ? 60 : 1);
    return digits !== '' && length >= least && length <= most
      ? undefined
      : `must be from ${least} to ${most} seconds, such as ${most}, ${most}s or 1min`;
  };
}

function oneOf(...words: readonly string[]): Judge {
  return (value) => (words.includes(value) ? undefined : `must be ${words.join(' or ')}`);
}

function cpus(value: string): string | undefined {
  // CPU_SETSIZE of systemd is 8192.
  const isList = /^\d{1,4}(-\d{1,4})?([ ,]\d{1,4}(-\d{1,4})?){0,63}$/.test(value);
  const parts = value.split(/[ ,]/).map((part) => part.split('-').map(Number));
  const isRight = parts.every(([first = 0, last = first]) => first <= last && last < 8192);
  return isList && isRight ? undefined : 'must be numbers of CPUs such as 0-3,6';
}

// systemd-logind ends what is below user.slice with the last login of that user.
function slice(value: string): string | undefined {
  const isName = /^[a-z0-9_]{1,30}(-[a-z0-9_]{1,30}){0,3}\.slice$/.test(value);
  return isName && !/^(user|machine|init)\b/.test(value)
    ? undefined
    : 'must be a slice of its own such as database.slice, not one of user, machine or init';
}
