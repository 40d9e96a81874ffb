import type { HistoryEntry } from './history-entry.ts';

/** An entry with the places that remember it. */
export interface Remembered extends HistoryEntry {
  readonly places: readonly string[];
}

/**
 * The histories of several places as one, by time. A run whose end some host did not see (`cut off` there) ended as the
 * others say.
 */
export function mergeHistories(
  histories: ReadonlyMap<string, readonly HistoryEntry[]>,
): readonly Remembered[] {
  const runs = new Map<string, Remembered>();
  for (const [place, entries] of histories) {
    for (const entry of entries) {
      const known = runs.get(entry.id);
      const told = known === undefined || known.result === 'cut off' ? entry : known;
      runs.set(entry.id, { ...told, places: [...new Set([...(known?.places ?? []), place])] });
    }
  }
  return [...runs.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
