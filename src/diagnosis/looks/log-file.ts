import type { Fact } from '../../facts/fact.ts';
import { sh } from '../../shell/command.ts';
import { type Line, timeOf } from './line.ts';

const BYTES = 262_144;
const LINES = 500;

/** What etcd wrote into a file instead of the journal. */
export interface LogFileFact {
  readonly path: string;
  /** Why it tells nothing: missing, or not readable; undefined where it was read. */
  readonly trouble: string | undefined;
  /** Its last lines, the oldest first. */
  readonly lines: readonly Line[];
}

/** The end of a log file of etcd. */
export const logFileFact = (path: string): Fact<LogFileFact> => ({
  ask: sh`[ -d "$(dirname -- ${path})" ] || { echo 'its directory does not exist'; exit 3; }
[ -f ${path} ] || { echo 'it does not exist'; exit 3; }
tail -c ${BYTES} -- ${path} | tail -n ${LINES}`,
  read({ exitCode, stdout }) {
    if (exitCode !== 0) return { path, trouble: stdout.trim() || 'it cannot be read', lines: [] };
    const lines: Line[] = [];
    for (const text of stdout.split('\n'))
      if (text.trim() !== '') lines.push({ at: timeOf(text) ?? lines.at(-1)?.at ?? 0, text });
    return { path, trouble: undefined, lines };
  },
});

/** The lines of a log file that were written since a moment, in seconds; all where none has a time. */
export function since({ lines }: LogFileFact, start: number): readonly Line[] {
  if (lines.every(({ at }) => at === 0)) return lines;
  return lines.filter(({ at }) => at >= start);
}
