import type { HistoryEntry } from '../history/history-entry.ts';
import { rememberedRuns } from './last-run.ts';
import type { Operation } from './operation.ts';

/** What was rebooted longer ago says nothing of what is to be rebooted now, seconds. */
const A_DAY = 86_400;

/** Seconds since reboots began that did not come to their end, as the hosts remember it. */
export async function secondsSinceUnfinished(
  operation: Pick<Operation, 'desired' | 'hosts'>,
  now: number,
): Promise<number | undefined> {
  return unfinishedFor(await rememberedRuns(operation), now);
}

/**
 * Seconds since the first of the reboots that did not come to their end: hosts that came up within have had their turn.
 * Undefined where the last one was done, or is of another day.
 */
export function unfinishedFor(
  runs: readonly Pick<HistoryEntry, 'command' | 'result' | 'at'>[],
  now: number,
): number | undefined {
  const reboots = runs.filter(({ command }) => command === 'reboot');
  const begun = reboots.slice(reboots.findLastIndex(({ result }) => result === 'done') + 1);
  const ages = begun.map(({ at }) => (now - Date.parse(at)) / 1000).filter((age) => age < A_DAY);
  return ages.length === 0 ? undefined : Math.max(...ages);
}
