import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a duration as people write it: 30m, 6h, 7d, 2w. Throws a Failure that names the option. */
export function seconds(text: string, option: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) {
    throw new Failure('usage', `${option}: "${text}" is not a duration`, {
      next: [remedy`write it as 30m, 6h, 7d or 2w`],
    });
  }
  return Number(number) * (SECONDS[unit] ?? 0);
}
