import type { ClusterVerdict } from '../diagnosis/conclude.ts';
import type { Problem } from '../problem/problem.ts';
import { nextText, problemData, withoutName } from '../problem/render.ts';

/** The verdict for a person: what is wrong, the lines that show it, what to do; then what `up` would refuse. */
export function describeVerdict(
  cluster: string,
  { findings, remarks }: ClusterVerdict,
  inventory: string,
): string {
  return [
    ...(findings.length === 0 ? [`${cluster}: nothing wrong found`] : []),
    ...findings.flatMap((one) => lines(one, one.about.join(', '), inventory)),
    ...remarks.flatMap((one) => lines(one, 'note', inventory)),
  ].join('\n');
}

function lines(
  { sentence, evidence = [], next }: Problem,
  about: string,
  inventory: string,
): readonly string[] {
  return [
    `${about}: ${withoutName(sentence, about)}`,
    ...evidence.map((line) => `    | ${line.slice(0, 300)}`),
    `    next: ${nextText(next, inventory)}`,
  ];
}

/** The same for machines; `about` and `cause` say in one text each what `members` and `sentence` do. */
export function verdictData(
  cluster: string,
  { findings, remarks }: ClusterVerdict,
  inventory: string,
): Readonly<Record<string, unknown>> {
  return {
    cluster,
    findings: findings.map((one) => {
      const { about, ...data } = problemData(one, inventory);
      return { ...data, members: about, about: about.join(', '), cause: one.sentence };
    }),
    remarks: remarks.map((one) => problemData(one, inventory)),
  };
}
