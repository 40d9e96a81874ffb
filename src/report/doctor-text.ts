import type { Verdict } from '../diagnosis/conclude.ts';
import { nextData, nextText } from '../problem/render.ts';

/** The verdict for a person: what is wrong, the lines that show it, what to do; then what `up` would refuse. */
export function describeVerdict(
  cluster: string,
  { findings, remarks }: Verdict,
  inventory: string,
): string {
  return [
    ...(findings.length === 0 ? [`${cluster}: nothing wrong found`] : []),
    ...findings.flatMap(({ about, cause, evidence, next }) => [
      `${about}: ${cause.replace(`${about}: `, '').replaceAll('INVENTORY', inventory)}`,
      ...evidence.map((line) => `    | ${line.slice(0, 300)}`),
      `    next: ${nextText(next, inventory)}`,
    ]),
    ...remarks.flatMap(({ sentence, evidence, next }) => [
      `note: ${sentence}`,
      ...evidence.map((line) => `    | ${line.slice(0, 300)}`),
      `    next: ${nextText(next, inventory)}`,
    ]),
  ].join('\n');
}

/** The same for machines, remedies as data. */
export function verdictData(
  cluster: string,
  { findings, remarks }: Verdict,
  inventory: string,
): Readonly<Record<string, unknown>> {
  return {
    cluster,
    findings: findings.map((one) => ({ ...one, next: nextData(one.next, inventory) })),
    remarks: remarks.map((one) => ({ ...one, next: nextData(one.next, inventory) })),
  };
}
