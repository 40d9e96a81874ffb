import { Failure } from '../failure/failure.ts';
import type { OptionTable } from './command.ts';

/**
 * Throws a Failure (usage) for what no command can mean: an option of one value given twice, which the parser makes a
 * list, or a number that is none, is not whole or is too small.
 */
export function refuseMeaningless(
  options: OptionTable,
  given: Readonly<Record<string, unknown>>,
): true {
  for (const [name, { type, coerce, least = 0 }] of Object.entries(options)) {
    const value = given[name];
    // What makes a list of what it is given says itself what giving it twice means.
    if (Array.isArray(value) && coerce === undefined) {
      throw misused(name, `was given ${value.length} times`, 'give it once');
    }
    if (type !== 'number' || value === undefined) continue;
    if (!Number.isSafeInteger(value) || Number(value) < least) {
      throw misused(name, `takes a whole number, ${least} or more`, 'write it in digits');
    }
  }
  return true;
}

/** An option as people type it. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function misused(name: string, how: string, next: string): Failure {
  return new Failure('usage', `--${kebab(name)} ${how}`, { next });
}
