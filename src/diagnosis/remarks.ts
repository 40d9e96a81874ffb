import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Refusal } from '../plan/plan.ts';
import { launchRefusals } from '../plan/refusing/launch-refusals.ts';
import { spaceRefusals } from '../plan/refusing/space-refusals.ts';
import { versionRefusals } from '../plan/refusing/versions.ts';
import type { Problem } from '../problem/problem.ts';
import type { Offered } from '../problem/remedy.ts';
import type { Ground } from './advise.ts';
import { cures } from './cures.ts';
import { type ExaminedCluster, examinedMembers, runs } from './examined.ts';

/** What `up` refuses, or will where it has to start a member, although the cluster serves. */
export type Remark = Problem & Evidenced;

/** What a diagnosis always has: lines that show it, none where they are not needed, and remedies held against the situation. */
export interface Evidenced {
  readonly evidence: readonly string[];
  readonly next: readonly Offered[];
}

type Found = Remark & Required<Pick<Problem, 'about'>>;

/** A run as the hosts remember it beside their lock. */
export interface Run {
  /** Whether it still has the lock. */
  readonly works: boolean;
  /** Who, doing what, since when. */
  readonly words: string;
  readonly command?: string;
}

/** What stands in the way of `up` now or at the next start of a member, where nothing that was found says so. */
export function remarksOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { up }: Ground,
  findings: readonly Found[],
): readonly Remark[] {
  if (up === undefined) return [];
  const atNextStart = [
    ...versionRefusals(desired, facts),
    ...launchRefusals(desired, facts),
    ...spaceRefusals(desired, facts),
  ];
  const now = new Set(up.refusals.map(({ sentence }) => sentence));
  const all = [...up.refusals, ...atNextStart.filter(({ sentence }) => !now.has(sentence))];
  return all
    .filter((one) => !isToldBy(one, desired, findings))
    .map(({ sentence, evidence = [], next }) => ({
      sentence: now.has(sentence)
        ? `up refuses: ${sentence}`
        : `up will refuse where it has to start this member: ${sentence}`,
      ...{ evidence, next },
    }));
}

/** What is told of a run that works on the cluster, or was cut off with something left that `up` does. */
export function runRemarks(
  { run }: { readonly run?: Run | undefined },
  { up }: Pick<Ground, 'up'>,
  isKnown: boolean,
): readonly Remark[] {
  if (run === undefined) return [];
  if (run.works)
    return [
      {
        sentence: `a run works on the cluster now, so what is told here may be over soon: ${run.words}`,
        evidence: [],
        next: [cures.watchRun()],
      },
    ];
  if (run.command === 'down') return downRemarks({ run });
  // What goes on with an operation that has a record of its own is told there.
  if (isKnown || up === undefined || up.waves.length === 0) return [];
  return [
    {
      sentence: `the last run was cut off and left something to do: ${run.words}`,
      evidence: [],
      next: [cures.finishRun()],
    },
  ];
}

/** A `down` that was cut off: what it leaves has no record, and `up` may refuse it. */
export function downRemarks({ run }: { readonly run?: Run | undefined }): readonly Remark[] {
  if (run?.command !== 'down' || run.works) return [];
  return [
    {
      sentence: `the last run was cut off: ${run.words}`,
      evidence: [],
      next: [cures.finishDown()],
    },
  ];
}

/** Members that run and would stay down after a boot of their hosts. */
export function bootRemarks({ desired, ...cluster }: ExaminedCluster): readonly Remark[] {
  const names = examinedMembers(cluster)
    .filter((one) => runs(one) && one.start.enabled === 'disabled')
    .map(({ member }) => member.name);
  if (names.length === 0) return [];
  return [
    {
      sentence: `${names.join(', ')}: ${desired.unit}.service runs and is not enabled: it would not start when its host boots`,
      evidence: [],
      next: [cures.enable(desired.unit, names)],
    },
  ];
}

/** Whether it is told, or the member that it is about has something else that comes first. */
function isToldBy(
  { sentence }: Refusal,
  { members }: DesiredCluster,
  findings: readonly Found[],
): boolean {
  const owner = members.find(({ name }) => sentence.startsWith(`${name}: `))?.name;
  return findings.some(
    ({ about, next, ...found }) =>
      (owner !== undefined && about.includes(owner)) ||
      found.sentence === sentence ||
      next.some(({ parts }) => parts.some((part) => `${part}`.includes(sentence))),
  );
}
