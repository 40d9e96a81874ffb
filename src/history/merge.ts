import type { HistoryEntry } from './history-entry.ts';

/** A deed with the places that remember it. */
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
  for (const [place, deeds] of histories) {
    for (const deed of deeds) {
      const known = runs.get(deed.id);
      const told = known === undefined || known.result === 'cut off' ? deed : known;
      runs.set(deed.id, { ...told, places: [...new Set([...(known?.places ?? []), place])] });
    }
  }
  return [...runs.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
