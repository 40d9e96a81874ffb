import type { FlagType } from './flags-table.ts';

/** Why etcd would not take the value for a flag of this type, or undefined when it would. */
export function whyBadValue(type: FlagType, value: string): string | undefined {
  if (typeof type !== 'string') {
    return type.includes(value) ? undefined : `must be ${type.join(' or ')}`;
  }
  const [pattern, must] = RULES[type];
  return pattern.test(value) ? undefined : `must be ${must}`;
}

// Go: time.ParseDuration wants a unit with every number but 0.
const DURATION = String.raw`(\d+(\.\d+)?(ns|us|ms|s|m|h))+`;
const URL_ = String.raw`(https?|unixs?):\/\/[^\s,/]+`;

const RULES: Readonly<Record<Exclude<FlagType, readonly string[]>, readonly [RegExp, string]>> = {
  text: [/./, 'some text'],
  list: [/^[^,\s]+(,[^,\s]+)*$/, 'words with commas between, without blanks'],
  boolean: [/^(true|false)$/, 'true or false'],
  count: [/^\d{1,19}$/, 'a whole number, 0 or more'],
  integer: [/^-?\d{1,19}$/, 'a whole number'],
  duration: [new RegExp(`^(0|${DURATION})$`), 'a duration with a unit, such as 500ms, 30s or 5m'],
  retention: [new RegExp(`^(\\d{1,19}|${DURATION})$`), 'a duration such as 8h, or a whole number'],
  urls: [new RegExp(`^${URL_}(,${URL_})*$`), 'URLs without a path, with commas between'],
};
