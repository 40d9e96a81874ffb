import type { ClusterVerdict } from '../diagnosis/conclude.ts';
import { problemData, problemLines } from '../problem/render.ts';

/** The verdict for a person: what is wrong, the lines that show it, what to do; then what `up` would refuse. */
export function describeVerdict(
  cluster: string,
  { findings, remarks }: ClusterVerdict,
  inventory: string,
): string {
  return [
    ...(findings.length === 0 ? [`${cluster}: nothing wrong found`] : []),
    ...findings.flatMap((one) => problemLines(one, { inventory, about: one.about.join(', ') })),
    ...remarks.flatMap((one) => problemLines(one, { inventory, about: 'note' })),
  ].join('\n');
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
