import { conclude } from './conclude.ts';
import type { Diagnosis } from './diagnosis.ts';
import { linesOf } from './evidence.ts';
import { examine, type Surroundings, withReaches } from './examine.ts';
import { exhibits } from './exhibit.ts';

/**
 * Looks at every member of a cluster that does not come up, and says why, causes before consequences: from facts first, then
 * from what the logs say of this start.
 */
export async function diagnose(around: Surroundings): Promise<{
  readonly diagnoses: readonly Diagnosis[];
  readonly journals: string;
}> {
  const seen = await withReaches(await examine(around), around);
  const scene = { desired: around.desired, seen, isWhole: false };
  const journals = exhibits(scene).map(
    (one) =>
      `== ${one.member.name}\n${linesOf(one)
        .map(({ text }) => text)
        .join('\n')}`,
  );
  // What is not known, and shown by nothing, says no more than the failure itself.
  const diagnoses = conclude(scene).filter(
    ({ kind, evidence }) => kind !== 'unknown' || evidence.length > 0,
  );
  return { diagnoses, journals: journals.join('\n\n') };
}

/** The diagnoses as lines for a person: host, cause, the journal lines that show it, what to do. */
export function describeDiagnoses(diagnoses: readonly Diagnosis[]): string {
  return diagnoses
    .flatMap(({ name, cause, evidence, next }) => [
      `  ${name}: ${cause}`,
      ...evidence.map((line) => `      | ${line}`),
      `      next: ${next}`,
    ])
    .join('\n');
}
