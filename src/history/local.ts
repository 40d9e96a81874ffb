import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { stateHome } from '../log/state-home.ts';
import { remedy } from '../problem/remedy.ts';
import { entryLine, type HistoryEntry, isOfCluster, readEntries } from './history-entry.ts';

/** Where this machine remembers what was done from it. */
export const localHistory = (): string => join(stateHome(), 'history.jsonl');

/** Adds the entry to this machine's history. */
export async function rememberHere(entry: HistoryEntry, file = localHistory()): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // One write of less than a page with O_APPEND: runs side by side do not mix their lines.
  await appendFile(file, `${entryLine(entry)}\n`, { mode: 0o600 });
}

/** What was done to the cluster from this machine. */
export async function readLocalHistory(
  cluster: Parameters<typeof isOfCluster>[1],
  file = localHistory(),
): Promise<readonly HistoryEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new Failure(
      'failed',
      `${file}: this machine's history cannot be read: ${error.message}`,
      {
        next: [
          remedy`if it is not a file that provision wrote: mv ${file} ${file}.damaged, then run the command again`,
        ],
        cause: error,
      },
    );
  });
  return readEntries(text).filter((entry) => isOfCluster(entry, cluster));
}
