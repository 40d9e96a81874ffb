import type { Finding } from '../pki/finding.ts';
import { nextText, problemData } from '../problem/render.ts';

/** What is wrong with certificates, two lines each: what, and what to do. */
export function certificateFindingLines(
  findings: readonly Finding[],
  inventory: string,
): readonly string[] {
  return findings.map(
    ({ about, level, sentence, next }) =>
      `${level.padEnd(5)}${about}: ${sentence}\n     next: ${nextText(next, inventory)}`,
  );
}

/** The same for machines; `about` is the name of one certificate, CA or list. */
export function certificateFindingsData(
  findings: readonly Finding[],
  inventory: string,
): readonly Readonly<Record<string, unknown>>[] {
  return findings.map((one) => {
    const { about, check, level, sentence, next } = one;
    const told = { check, level, why: sentence, remedy: nextText(next, inventory) };
    return { ...problemData(one, inventory), about: about[0], ...told };
  });
}
