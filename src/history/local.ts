import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfThere, refuseStrange } from '../durable/durable-file.ts';
import { stateHome } from '../log/state-home.ts';
import { entryLine, type HistoryEntry, isOfCluster, readEntries } from './history-entry.ts';

/** Where this machine remembers what was done from it. */
const localHistory = (): string => join(stateHome(), 'history.jsonl');

/** Adds the entry to this machine's history. */
export async function rememberHere(entry: HistoryEntry, file = localHistory()): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await refuseStrange(file);
  // One write of less than a page with O_APPEND: runs side by side do not mix their lines.
  await appendFile(file, `${entryLine(entry)}\n`, { mode: 0o600 });
}

/** What was done from this machine with an inventory file, to a cluster of this name. */
export async function readHistoryOf(
  { cluster, inventory }: { readonly cluster: string; readonly inventory: string },
  file = localHistory(),
): Promise<readonly HistoryEntry[]> {
  const text = (await readIfThere(file)) ?? '';
  return readEntries(text).filter(
    (entry) => entry.cluster === cluster && entry.inventory === inventory,
  );
}

/** What was done to the cluster from this machine. */
export async function readLocalHistory(
  cluster: Parameters<typeof isOfCluster>[1],
  file = localHistory(),
): Promise<readonly HistoryEntry[]> {
  const text = (await readIfThere(file)) ?? '';
  return readEntries(text).filter((entry) => isOfCluster(entry, cluster));
}
