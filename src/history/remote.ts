import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { type Command, sh } from '../shell/command.ts';
import { type HistoryEntry, readEntries } from './history-entry.ts';

const DIRECTORY = '/var/lib/provision';
/** The file every member's host keeps. */
const HISTORY_FILE = `${DIRECTORY}/history.jsonl`;
/** Adds the lines on stdin to a host's history. */
export const APPEND_TO_HISTORY: Command = sh`mkdir -p ${DIRECTORY} && cat >> ${HISTORY_FILE}`;
const LINES = 2000;

/** What the host remembers of the cluster, the last 2000 entries at most. Throws when the host cannot be asked. */
export async function readHostHistory(
  host: Host,
  cluster: string,
): Promise<readonly HistoryEntry[]> {
  const { stdout } = await must(
    host,
    'read its history',
    sh`[ ! -e ${HISTORY_FILE} ] || tail -n ${LINES} ${HISTORY_FILE}`,
  );
  return readEntries(stdout).filter((entry) => entry.cluster === cluster);
}
