import { closest, distance } from 'fastest-levenshtein';

/** The candidate a typist most likely meant, or undefined when none is near. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || typed.length > 100) return undefined;
  const simplify = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const same = candidates.find((candidate) => simplify(candidate) === simplify(typed));
  if (same !== undefined) return same;

  const candidate = closest(typed, candidates);
  const shorter = Math.min(typed.length, candidate.length);
  // Two letters that changed places count as two.
  const allowed = shorter < 3 ? 0 : Math.round(shorter * 0.4);
  return distance(typed, candidate) <= allowed ? candidate : undefined;
}

/** `; did you mean "port"?`, or the whole choice when it is short, or nothing. */
export function suggestion(typed: string, candidates: readonly string[]): string {
  const near = nearest(typed, candidates);
  if (near !== undefined) return `; did you mean ${near}?`;
  return candidates.length > 0 && candidates.length <= 12
    ? ` (known: ${candidates.join(', ')})`
    : '';
}
