import Table from 'cli-table3';
import type { Remembered } from '../history/merge.ts';

const HEAD = ['WHEN', 'WHO', 'COMMAND', 'CHANGES', 'RESULT', 'SECONDS', 'PLAN', 'RUN', 'KNOWN TO'];

/** The history as a table, the latest last; why a run failed follows below its line. */
export function describeHistory(cluster: string, entries: readonly Remembered[]): string {
  if (entries.length === 0) return `${cluster}: nobody remembers a change`;
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const { at, who, command, changes, result, seconds, plan, id, places } of entries) {
    const when = at.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
    const took = seconds?.toFixed(1) ?? '-';
    table.push([
      when,
      who,
      command,
      changes ?? '-',
      result,
      took,
      plan ?? '-',
      id,
      places.join(' '),
    ]);
  }
  const reasons = entries.flatMap(({ id, why }) => (why === undefined ? [] : [`${id}: ${why}`]));
  return [table.toString(), ...reasons].join('\n');
}
