import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { launchRefusals } from '../plan/launch-refusals.ts';
import type { Refusal } from '../plan/plan.ts';
import { roomRefusals } from '../plan/room-refusals.ts';
import { versionRefusals } from '../plan/versions.ts';
import { asRemedies, type Offered } from '../problem/remedy.ts';
import type { Ground } from './advise.ts';

/** What `up` refuses, or will where it has to start a member, although the cluster serves. */
export interface Remark {
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly next: readonly Offered[];
}

interface Told {
  readonly about: string;
  readonly cause: string;
  readonly next: readonly Offered[];
}

/** What stands in the way of `up` now or at the next start of a member, where nothing that was found says so. */
export function remarksOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { up }: Ground,
  findings: readonly Told[],
): readonly Remark[] {
  if (up === undefined) return [];
  const atNextStart = [
    ...versionRefusals(desired, facts),
    ...launchRefusals(desired, facts),
    ...roomRefusals(desired, facts),
  ];
  const now = new Set(up.refusals.map(({ sentence }) => sentence));
  const all = [...up.refusals, ...atNextStart.filter(({ sentence }) => !now.has(sentence))];
  return all
    .filter((one) => !isToldBy(one, desired, findings))
    .map(({ sentence, evidence = [], next }) => ({
      sentence: now.has(sentence)
        ? `up refuses: ${sentence}`
        : `up will refuse where it has to start this member: ${sentence}`,
      ...{ evidence, next: asRemedies(next) },
    }));
}

/** Whether it is told, or the member that it is about has something else that comes first. */
function isToldBy(
  { sentence }: Refusal,
  { members }: DesiredCluster,
  findings: readonly Told[],
): boolean {
  const owner = members.find(({ name }) => sentence.startsWith(`${name}: `))?.name;
  return findings.some(
    ({ about, cause, next }) =>
      (owner !== undefined && about.split(', ').includes(owner)) ||
      cause === sentence ||
      next.some(({ parts }) => parts.some((part) => `${part}`.includes(sentence))),
  );
}
