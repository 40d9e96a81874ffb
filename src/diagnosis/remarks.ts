import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Refusal } from '../plan/plan.ts';
import { launchRefusals } from '../plan/refusing/launch-refusals.ts';
import { spaceRefusals } from '../plan/refusing/space-refusals.ts';
import { versionRefusals } from '../plan/refusing/versions.ts';
import { bySnapshot } from '../plan/switching/protocol.ts';
import { isSame, type Problem } from '../problem/problem.ts';
import type { AdviceContext } from './advise.ts';
import { cures } from './cures.ts';
import { type ExaminedCluster, examinedMembers, runs } from './looks/examined.ts';
import { goingOn, LAUNCH } from './way-out.ts';

/** A finding, whose `about` may be the cluster, with what it is and what else it tells. */
export interface Finding {
  readonly problem: Problem;
  readonly is: Pick<Problem, 'kind' | 'about'>;
  readonly tells: readonly Refusal[];
}

const PROTOCOLS = ['http', 'https'] as const;

/** A run as the hosts remember it beside their lock. */
export interface Run {
  /** Whether it still has the lock. */
  readonly works: boolean;
  /** Who, doing what, since when. */
  readonly words: string;
  readonly command?: string;
  /** What it was given that says how much it removes. */
  readonly option?: string | undefined;
  /** Whether it came to an end, and failed. */
  readonly failed?: boolean;
}

/** What stands in the way of `up` now or at the next start of a member, where nothing that was found says so. */
export function remarksOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { up }: AdviceContext,
  findings: readonly Finding[],
): readonly Problem[] {
  if (up === undefined) return [];
  const atNextStart = [
    ...versionRefusals(desired, facts),
    ...launchRefusals(desired, facts),
    ...spaceRefusals(desired, facts),
  ];
  const isNow = (one: Refusal) => up.refusals.some((refusal) => isSame(refusal, one));
  return [...up.refusals, ...atNextStart.filter((one) => !isNow(one))]
    .filter((one) => !isToldBy(one, desired, findings))
    .map((one) => ({
      ...one,
      severity: 'warn' as const,
      sentence: isNow(one)
        ? `up refuses: ${one.sentence}`
        : `up will refuse where it has to start this member: ${one.sentence}`,
      // Where something is to be fixed, up may be what fixes it.
      next: isNow(one) && findings.length > 0 ? goingOn(one) : one.next,
    }));
}

/** What is told of a run that works on the cluster, or was cut off with something left that `up` does. */
export function runRemarks(
  { run }: { readonly run?: Run | undefined },
  { up }: Pick<AdviceContext, 'up'>,
  isKnown: boolean,
): readonly Problem[] {
  if (run === undefined) return [];
  if (run.works)
    return [
      {
        ...{ kind: 'run-works', about: [], severity: 'warn' as const },
        sentence: `a run works on the cluster now, so what is told here may be over soon: ${run.words}`,
        next: [cures.watchRun()],
      },
    ];
  if (run.command === 'down') return downRemarks({ run });
  const half = isKnown ? [] : switchRemarks({ run });
  if (half.length > 0) return half;
  const about = { kind: 'run-cut-off', about: [], severity: 'warn' } as const;
  const again = AGAIN[run.command ?? ''];
  const sentence = `the last run was cut off: ${run.words}`;
  if (again !== undefined) return [{ ...about, sentence, next: [cures.sameAgain(again)] }];
  // What goes on with an operation that has a record of its own is told there.
  if (isKnown) return [];
  // Where up refuses, or could not look at every host, nobody can say that nothing is left.
  if (up === undefined || up.refusals.length > 0)
    return [{ ...about, sentence, next: [cures.finishRun()] }];
  if (up.waves.length === 0) return [];
  const left = `the last run was cut off and left something to do: ${run.words}`;
  return [{ ...about, sentence: left, next: [cures.finishRun()] }];
}

/** What goes on with a run that `up` does not finish, as lock and history name it. */
const AGAIN: Readonly<Record<string, readonly string[]>> = {
  'adopt-undo': ['adopt', '--undo'],
  reboot: ['reboot'],
  'maintain-defrag': ['maintain', 'defrag'],
  'maintain-space': ['maintain', 'space'],
};

/** A `down` that was cut off: what it leaves has no record, and `up` may refuse it. */
export function downRemarks({ run }: { readonly run?: Run | undefined }): readonly Problem[] {
  if (run?.command !== 'down' || run.works) return [];
  return [
    {
      ...{ kind: 'down-cut-off', about: [], severity: 'warn' as const },
      sentence: `the last run ${run.failed === true ? 'failed' : 'was cut off'}: ${run.words}${run.option === '--purge' ? '; it removes data, so data that is missing is not a loss' : ''}`,
      next: [run.option === '--purge' ? cures.finishPurge() : cures.finishDown()],
    },
  ];
}

/** A switch by a snapshot that was cut off before it had a record on the hosts: clients may be cut off, which `up` takes back. */
export function switchRemarks({ run }: { readonly run?: Run | undefined }): readonly Problem[] {
  const to = PROTOCOLS.find((one) => run?.option === bySnapshot(one));
  if (run?.command !== 'migrate' || run.works || to === undefined) return [];
  return [
    {
      ...{ kind: 'switch-cut-off', about: [], severity: 'warn' as const },
      sentence: `the last run was cut off: ${run.words}`,
      next: [cures.finishSwitch(to)],
    },
  ];
}

/** Members that run and would stay down after a boot of their hosts. */
export function bootRemarks({ desired, ...cluster }: ExaminedCluster): readonly Problem[] {
  const names = examinedMembers(cluster)
    .filter((one) => runs(one) && one.start.enabled === 'disabled')
    .map(({ member }) => member.name);
  if (names.length === 0) return [];
  return [
    {
      ...{ kind: 'not-enabled', about: names, severity: 'warn' as const },
      sentence: `${names.join(', ')}: ${desired.unit}.service runs and is not enabled: it would not start when its host boots`,
      next: [cures.enable(desired.unit, names)],
    },
  ];
}

/** Findings that say which drop-ins there are. */
const NAMES_DROP_INS: ReadonlySet<string> = new Set(['bad-unit', 'pre-failed', 'limit']);

/** Whether it is told, or the member that it is about has something else that comes first. */
function isToldBy(
  refusal: Refusal,
  { members }: DesiredCluster,
  findings: readonly Finding[],
): boolean {
  const [owner, ...others] = refusal.about;
  const isOfOne = others.length === 0 && members.some(({ name }) => name === owner);
  // What a host adds to the unit is a cause of its own, but where the finding names the drop-ins itself.
  const stands = (kind: string) => LAUNCH.has(refusal.kind) && !NAMES_DROP_INS.has(kind);
  return findings.some(
    ({ problem, is, tells }) =>
      (isOfOne && owner !== undefined && problem.about.includes(owner) && !stands(is.kind)) ||
      [is, ...tells].some((one) => isSame(one, refusal)),
  );
}
