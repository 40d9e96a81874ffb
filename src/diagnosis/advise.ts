import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { databaseRefusals } from '../plan/boot.ts';
import { planCluster } from '../plan/cluster.ts';
import type { Plan, Refusal } from '../plan/plan.ts';
import { situationOf } from '../plan/refusing/situation.ts';
import type { Situation } from '../problem/precondition.ts';
import { inSituation, isSame, type Problem, type Proposal } from '../problem/problem.ts';
import { type Offered, offered } from '../problem/remedy.ts';
import { withoutName } from '../problem/render.ts';
import { damagedMembers } from './causes/member-causes.ts';
import { cures } from './cures.ts';
import { endedTogether, isUp, LAUNCH, upOf, wayOut } from './way-out.ts';

/** What helps with a problem, and the refusals of `up` that are told with it. */
export interface Advice {
  readonly problem: Problem;
  readonly tells: readonly Refusal[];
}

/** What remedies are held against: what was observed, and what `up` would do about it. */
export interface AdviceContext {
  readonly desired: DesiredCluster;
  /** What `up` would do; nothing while it could not look at every host. */
  readonly up: Plan | undefined;
  /** What `up` would refuse of databases that it could look at. */
  readonly databases: readonly Refusal[];
  /** Members whose hosts could not be asked. */
  readonly unseen: readonly string[];
  readonly situation: Situation;
}

/** Members that only have to be started. */
const STOPPED: ReadonlySet<string> = new Set(['stopped', 'not-started']);

/** Ends of etcd that such an addition brings about. */
const FROM_LAUNCH: ReadonlySet<string> = new Set(['rights', 'bad-setting']);

/** The ground of these diagnoses; `failed` is the plan that has just been tried in vain. */
export function adviceContextOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  diagnoses: readonly Pick<Proposal, 'about' | 'kind'>[],
  failed?: Plan,
): AdviceContext {
  const { members } = observed(desired, facts);
  const unseen = members.flatMap(({ name, found }) => (found === undefined ? [name] : []));
  const options = { freshToken: '', wipe: false, allowDowntime: false };
  const up = unseen.length === 0 ? planCluster(desired, facts, options) : undefined;
  const damaged = damagedMembers(diagnoses);
  const situation = situationOf(desired, facts, { up, failed, damaged });
  return { desired, up, unseen, situation, databases: databaseRefusals(desired, facts) };
}

/**
 * The same with those remedies only that are safe now. Where `up` would refuse, the reason and its way out are told; where
 * it would change nothing on the member, that is said.
 */
export function advise(ground: AdviceContext, one: Proposal): Advice {
  const isRemoved = one.kind === 'removed';
  const isToUp = (STOPPED.has(one.kind) || isRemoved) && one.next.some(isUp);
  const [blocked, ...others] = isToUp ? startRefusals(ground, one) : [];
  if (blocked === undefined) return heldAgainst(ground, one);
  const why = withoutName(blocked.sentence, one.about.join(', '));
  return {
    problem: {
      ...one,
      // The refusal says of a removed member all that its log does, and more.
      sentence: isRemoved ? why : `${one.sentence}; up does not start it: ${why}`,
      next: wayOut([blocked, ...others], blocked, upOf(one)),
    },
    tells: [blocked, ...others],
  };
}

/** Why `up` leaves a stopped member as it is, where that is about this member. */
function startRefusals({ up, databases }: AdviceContext, one: Proposal): readonly Refusal[] {
  return endedTogether((up?.refusals ?? databases).filter((refusal) => concerns(refusal, one)));
}

/** Whether a refusal is about a member that the problem is about, or both are about the cluster as a whole. */
function concerns(refusal: Refusal, { about }: Pick<Proposal, 'about'>): boolean {
  return about.length === 0
    ? refusal.about.length === 0
    : about.some((name) => refusal.about.includes(name));
}

function heldAgainst(ground: AdviceContext, one: Proposal): Advice {
  const { desired, up, unseen, situation } = ground;
  const members = one.about.join(', ') || desired.name;
  const advice = (next: readonly Offered[], tells: readonly Refusal[] = []): Advice => ({
    ...{ problem: { ...one, next }, tells },
  });
  const others = one.next.filter((remedy) => !isUp(remedy));
  const changed = up?.refusals.find(({ kind, about }) => LAUNCH.has(kind) && isEqual(about, one));
  // etcd complains of what it was given; the file that gives it is the cause.
  if (changed !== undefined && FROM_LAUNCH.has(one.kind))
    return advice(wayOut([changed], one, upOf(one)), [changed]);
  if (others.length === one.next.length) return { problem: inSituation(one, situation), tells: [] };
  if (up === undefined)
    return advice([
      ...(STOPPED.has(one.kind) ? [cures.start(desired.unit)] : []),
      ...one.next.flatMap((remedy) =>
        isUp(remedy) ? [cures.onceReached(remedy, unseen)] : offered([remedy], situation),
      ),
    ]);
  const refused = refusalsFor(one, up);
  if (refused.length > 0)
    return advice([...offered(others, situation), ...wayOut(refused, one, upOf(one))], refused);
  const left = offered(one.next, situation);
  const isActing = offered(one.next.filter(isUp), situation).length > 0;
  return advice(isActing ? left : [...left, cures.readLog(members, desired.unit)]);
}

function isEqual(about: readonly string[], one: Pick<Proposal, 'about'>): boolean {
  return about.length === one.about.length && about.every((name) => one.about.includes(name));
}

/** What has to be ended before `up` helps with a problem: what is about its members, else what is refused first. */
function refusalsFor(one: Proposal, { refusals }: Plan): readonly Refusal[] {
  const same = refusals.filter((refusal) => isSame(refusal, one));
  const own = refusals.filter((refusal) => !same.includes(refusal) && concerns(refusal, one));
  const concerning = [...same, ...own];
  return concerning.length > 0 ? endedTogether(concerning) : refusals.slice(0, 1);
}
