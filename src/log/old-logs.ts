/** Of one cluster and command: logs of runs that ended well, and of those an error named or that did not come to an end. */
const ENDED_WELL = 20;
const NAMED = 100;
const IN_ALL = 500;
const DAY = 24 * 60 * 60 * 1000;

/** How the log of a run ends that no error names: it may go first. */
export const DONE = '.done.log';

/** How the name of a log begins, so that names sort by time. */
export function logTime(time: Date): string {
  return time.toISOString().replaceAll(':', '-');
}

/**
 * Of these names of logs, those to delete. A log that an error named stays for a day whatever else runs: each cluster
 * and command has room of its own, up to 500 in all.
 */
export function oldLogs(names: readonly string[], now: Date): readonly string[] {
  const newestFirst = names
    .filter((name) => name.endsWith('.log'))
    .sort()
    .reverse();
  const dayAgo = logTime(new Date(now.getTime() - DAY));
  const seen = new Map<string, number>();
  const kept = newestFirst.filter((name) => {
    const done = name.endsWith(DONE);
    const recent = !done && name > dayAgo;
    const group = `${done} ${subject(name)}`;
    const newer = seen.get(group) ?? 0;
    seen.set(group, newer + 1);
    return newer < (recent ? NAMED : ENDED_WELL);
  });
  const stay = new Set(kept.slice(0, IN_ALL));
  return newestFirst.filter((name) => !stay.has(name));
}

/** What a log is about: its name without time and process. */
function subject(name: string): string {
  return name.replace(/^[^Z]*Z-/, '').replace(/-?\d+(\.done)?\.log$/, '');
}
