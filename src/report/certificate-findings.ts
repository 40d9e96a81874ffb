import type { Problem } from '../problem/problem.ts';
import { nextText, problemData, problemLines } from '../problem/render.ts';

/** What is wrong with certificates, two lines each: what, and what to do. */
export function certificateFindingLines(
  findings: readonly Problem[],
  inventory: string,
): readonly string[] {
  return findings.flatMap((one) => {
    const { about, severity = 'fail' } = one;
    return problemLines(one, { inventory, about: `${severity.padEnd(5)}${about}` });
  });
}

/** The same for machines; `about` is the name of one certificate, CA or list. */
export function certificateFindingsData(
  findings: readonly Problem[],
  inventory: string,
): readonly Readonly<Record<string, unknown>>[] {
  return findings.map((one) => {
    const { about, kind, severity, sentence, next } = one;
    const told = { check: kind, level: severity, why: sentence, remedy: nextText(next, inventory) };
    return { ...problemData(one, inventory), about: about[0], ...told };
  });
}
