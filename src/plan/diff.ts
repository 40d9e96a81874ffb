import { structuredPatch } from 'diff/lib/patch/create.js';

/** The hunks of the unified diff from `before` to `after`; every line is new when there was no file. */
export function unifiedDiff(path: string, before: string | undefined, after: string): string {
  const { hunks } = structuredPatch(path, path, before ?? '', after, '', '', { context: 1 });
  return hunks
    .flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines,
    ])
    .join('\n');
}
