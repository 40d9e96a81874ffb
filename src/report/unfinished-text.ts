import type { Problem } from '../problem/problem.ts';
import { problemData, problemLines } from '../problem/render.ts';
import type { Report } from './report.ts';

/** What was begun and is not over, told behind an outcome that says nothing of it; nothing where all is over. */
export function unfinishedReport(operations: readonly Problem[], inventory: string): Report {
  if (operations.length === 0) return { lines: [], data: {} };
  return {
    lines: operations.flatMap((one) => problemLines(one, { inventory, about: 'note' })),
    data: { unfinished: operations.map((one) => problemData(one, inventory)) },
  };
}
