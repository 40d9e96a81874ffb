import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

const IN_DAYS = { h: 1 / 24, d: 1, w: 7 } as const;

/** A length of time such as `30d`, `720h` or `2w`, in days. Throws a Failure for anything else. */
export function days(text: string): number {
  const match = /^(\d{1,6})([hdw])$/.exec(text);
  const unit = match?.[2];
  if (unit !== 'h' && unit !== 'd' && unit !== 'w') {
    throw new Failure('usage', `${text}: is not a length of time`, {
      next: [remedy`write it as 30d, 720h or 2w`],
    });
  }
  return Number(match?.[1]) * IN_DAYS[unit];
}
