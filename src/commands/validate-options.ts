import type { Options } from 'yargs';
import { Failure } from '../failure/failure.ts';
import { type Offered, remedy } from '../problem/remedy.ts';
import type { OptionTable } from './option-table.ts';

/**
 * Throws a Failure (usage) for what no command can mean: an option of one value given twice, which the parser makes a
 * list, a number that is none, is not whole or is too small, or an option that this way of the command does not read.
 */
export function refuseMeaningless(
  options: OptionTable,
  given: Readonly<Record<string, unknown>>,
): true {
  for (const [name, option] of Object.entries(options)) {
    const { type, coerce, least = 0, only } = option;
    const value = given[name];
    if (only !== undefined && isGiven(option, value) && !only.holds(given)) {
      throw misused(
        name,
        `is only read ${only.when}`,
        remedy`leave it out, or run it ${only.when}`,
      );
    }
    // What makes a list of what it is given says itself what giving it twice means.
    if (Array.isArray(value) && coerce === undefined) {
      throw misused(name, `was given ${value.length} times`, remedy`give it once`);
    }
    if (type !== 'number' || value === undefined) continue;
    if (!Number.isSafeInteger(value) || Number(value) < least) {
      throw misused(name, `takes a whole number, ${least} or more`, remedy`write it in digits`);
    }
  }
  return true;
}

/** Whether a value was given that is not the default: that one changes nothing. */
function isGiven(option: Options, value: unknown): boolean {
  if (value === undefined || (option.type === 'boolean' && value === (option.default ?? false)))
    return false;
  return String(value) !== String(option.default ?? '');
}

/** An option as people type it. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function misused(name: string, how: string, next: Offered): Failure {
  return new Failure('usage', `--${kebab(name)} ${how}`, { next: [next] });
}
