import { unifiedDiff } from '../plan/diff.ts';

/** How settings of an inventory are to be called, as a diff, and what is left of none of them. */
export function describeRewritten(
  path: string,
  before: string,
  { text, leftOut }: { readonly text: string; readonly leftOut: readonly string[] },
): string {
  const gone = leftOut.map((flag) => `note: left out, for nothing stands for it there: ${flag}`);
  return [unifiedDiff(path, before, text).trimEnd(), ...gone].join('\n');
}
