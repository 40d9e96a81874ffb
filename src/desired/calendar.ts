const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const WEEK = 604_800;

/**
 * The moments every so many seconds as systemd.time(7) has them, in UTC, the same on every host; undefined for a rhythm
 * that does not fit evenly into an hour, a day or a week.
 */
export function calendarOf(seconds: number): string | undefined {
  if (seconds === WEEK) return 'Mon *-*-* 00:00:00 UTC';
  if (seconds === DAY) return '*-*-* 00:00:00 UTC';
  if (seconds % HOUR === 0 && DAY % seconds === 0) return `*-*-* 00/${seconds / HOUR}:00:00 UTC`;
  if (seconds % MINUTE === 0 && HOUR % seconds === 0) {
    return `*-*-* *:00/${seconds / MINUTE}:00 UTC`;
  }
  return undefined;
}
