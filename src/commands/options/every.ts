import { calendarOf } from '../../desired/calendar.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { seconds } from '../../report/duration.ts';

/** When a timer with this --every fires (systemd.time(7)). Throws a Failure (usage) with examples where no calendar says it. */
export function calendarEvery(every: string, examples: string): string {
  const calendar = calendarOf(seconds(every, '--every'));
  if (calendar !== undefined) return calendar;
  throw new Failure('usage', `--every ${every} does not fit evenly into a day`, {
    next: [remedy`choose one such as ${examples}`],
  });
}
