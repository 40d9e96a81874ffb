import type { FlagType } from './flags-table.ts';

/** Why etcd would not take the value for a flag of this type, or undefined when it would. */
export function whyBadValue(type: FlagType, value: string): string | undefined {
  if (typeof type !== 'string') {
    return type.includes(value) ? undefined : `must be ${type.join(' or ')}`;
  }
  const [pattern, must] = RULES[type];
  if (!pattern.test(value)) return `must be ${must}`;
  if ((type === 'count' || type === 'count32' || type === 'integer') && /^-?0\d/.test(value))
    return 'must not begin with 0: etcd would read it as an octal number';
  const bound = beyond(type, value);
  return bound === undefined ? undefined : `must be at ${bound}`;
}

/** Length of a duration such as `1h30m` in nanoseconds, whole ones as Go counts them; undefined for what is not one. */
export function nanoseconds(text: string): number | undefined {
  if (text === '0') return 0;
  if (!new RegExp(`^${DURATION}$`).test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  return parts.reduce(
    (sum, [, number, unit = '']) => sum + Math.floor(Number(number) * (UNITS[unit] ?? 0)),
    0,
  );
}

// The most that Go's int and time.Duration hold. Unsigned flags take twice as much, and etcd 3.5 then ends with a panic.
const INT64 = 2n ** 63n - 1n;
/** In hours: Go's time.Duration counts nanoseconds in 64 bits. */
export const LONGEST_HOURS = 2_562_047;

// Go: strconv.ParseUint, ParseInt and time.ParseDuration end with "value out of range".
function beyond(type: Exclude<FlagType, readonly string[]>, value: string): string | undefined {
  if (/^-?\d+$/.test(value)) {
    const number = BigInt(value);
    const most = type === 'count32' ? 2n ** 32n - 1n : INT64;
    if (number < -most) return `least -${most}`;
    return number > most ? `most ${most}` : undefined;
  }
  const isDuration = type === 'duration' || type === 'retention';
  return isDuration && (nanoseconds(value) ?? 0) >= Number(INT64)
    ? `most ${LONGEST_HOURS}h`
    : undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ ns: 1, us: 1e3, ms: 1e6, s: 1e9 },
  ...{ m: 60e9, h: 3600e9 },
};

// Go: time.ParseDuration wants a unit with every number but 0.
const DURATION = String.raw`(\d+(\.\d+)?(ns|us|ms|s|m|h))+`;
const URL_ = String.raw`(https?|unixs?):\/\/[^\s,/]+`;

const RULES: Readonly<Record<Exclude<FlagType, readonly string[]>, readonly [RegExp, string]>> = {
  text: [/./, 'some text'],
  list: [/^[^,\s]+(,[^,\s]+)*$/, 'words with commas between, without blanks'],
  boolean: [/^(true|false)$/, 'true or false'],
  count: [/^\d+$/, 'a whole number, 0 or more'],
  count32: [/^\d+$/, 'a whole number, 0 or more'],
  integer: [/^-?\d+$/, 'a whole number'],
  duration: [new RegExp(`^(0|${DURATION})$`), 'a duration with a unit, such as 500ms, 30s or 5m'],
  retention: [new RegExp(`^(\\d+|${DURATION})$`), 'a duration such as 8h, or a whole number'],
  urls: [new RegExp(`^${URL_}(,${URL_})*$`), 'URLs without a path, with commas between'],
};
