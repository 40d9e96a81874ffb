import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { ClosedWay } from '../facts/etcd/closed-ways.ts';
import { listed } from '../plan/maintaining/listed.ts';
import { unfitForDefragmentation } from '../plan/maintaining/maintenance-refusals.ts';
import { storedMembersAreKept } from '../plan/membership/membership-refusals.ts';
import {
  besideReplacement,
  offerReplacement,
  type Suspect,
} from '../plan/membership/offer-replacement.ts';
import { mistakenMembers } from '../plan/ownership/owners.ts';
import { changedSettings } from '../plan/refusing/changed-settings.ts';
import { CORRUPTION } from '../plan/refusing/corruption.ts';
import { triedMembers, unfinishedOperations } from '../plan/restoring/unfinished-operations.ts';
import { isSame, type Problem, type Proposal } from '../problem/problem.ts';
import { type Advice, type AdviceContext, adviceContextOf, advise } from './advise.ts';
import { memberCauses } from './causes/member-causes.ts';
import { clientPortRemarks } from './causes/network-causes.ts';
import { withoutMembership } from './causes/removed-members.ts';
import { withUnreached } from './causes/unreached-newcomers.ts';
import { withUnreadable } from './causes/unreadable.ts';
import { ALARM, clusterFindings } from './cluster-findings.ts';
import { cures } from './cures.ts';
import type { ExaminedCluster } from './looks/examined.ts';
import {
  bootRemarks,
  downRemarks,
  type Finding,
  type Run,
  remarksOf,
  runRemarks,
  switchRemarks,
} from './remarks.ts';
import { goingOn } from './way-out.ts';

/** Everything that is known of a cluster when it is judged. */
export interface DoctorInput {
  readonly cluster: ExaminedCluster;
  /** What a plan would be made from; members whose hosts could not be asked are not in it. */
  readonly facts: ClusterFacts;
  /** Restores that were begun and not finished. */
  readonly unfinished: readonly Problem[];
  /** The run that has the lock of the cluster, or had it when it was cut off. */
  readonly run?: Run | undefined;
  /** Why the programs that the inventory asks for are not to be had: up ends with it. */
  readonly programs?: Problem | undefined;
  /** That members hold different data, where they could be compared. */
  readonly difference?: Problem | undefined;
  /** The member whose process ended when its keys were read to compare them. */
  readonly unreadable?: string | undefined;
  /** The closed ways between members and those that are to join, by the newcomer's name. */
  readonly closed?: ReadonlyMap<string, readonly ClosedWay[]>;
  /** Who is the corrupt one, where etcd reports corruption. */
  readonly suspect?: Suspect | undefined;
}

/** What is wrong with a cluster, and what `up` would refuse although nothing is wrong yet. */
export interface ClusterVerdict {
  readonly findings: readonly Problem[];
  readonly remarks: readonly Problem[];
}

/** Judges a cluster, causes before consequences; a `down` that was cut off is the cause of what it leaves. */
export function conclude(file: DoctorInput): ClusterVerdict {
  const verdict = judge(file);
  const [down] = [
    ...downRemarks(file),
    // One that has a record is told by that.
    ...(file.unfinished.length > 0 ? [] : switchRemarks(file)),
  ];
  if (down === undefined || verdict.findings.length === 0) return verdict;
  return {
    findings: [{ ...down, about: [file.cluster.desired.name] }, ...verdict.findings],
    remarks: verdict.remarks.filter((one) => !isSame(one, down)),
  };
}

function judge(file: DoctorInput): ClusterVerdict {
  const { cluster, facts, unfinished } = file;
  const { desired } = cluster;
  const members = withoutMembership(desired, facts, memberCauses(cluster));
  const diagnoses = withUnreadable(withUnreached(members, file.closed), file.unreadable);
  const ground = adviceContextOf(desired, facts, diagnoses);
  if (unfinished.length > 0)
    return { findings: besideRestore(desired, unfinished, diagnoses, ground), remarks: [] };
  // From these everything else follows: the member seems stopped, its data gone.
  const changed = changedSettings(desired, facts, { movesPlaces: true });
  const mistaken = mistakenMembers(desired, facts);
  const first =
    mistaken.length > 0
      ? mistaken
      : changed.length > 0
        ? changed
        : storedMembersAreKept(desired, facts);
  if (first.length > 0) {
    const told = first.map((one) => (one.about.length === 1 ? one : ofCluster(one, desired)));
    // What is wrong with one member alone says nothing of the others.
    const meant = new Set(changed.flatMap(({ about }) => about));
    const others =
      first === changed && meant.size > 0
        ? diagnoses.filter(({ about }) => !about.some((name) => meant.has(name)))
        : [];
    return { findings: [...told, ...together(advised(ground, others))], remarks: [] };
  }
  const told = [...triedFindings(file, ground), ...allFindings(file, diagnoses, ground)];
  const operations = unfinishedOperations(desired, facts);
  return {
    findings: told.map(({ problem }) => problem),
    remarks: [
      ...operations,
      ...programRemarks(file, told.length > 0),
      ...bootRemarks(cluster),
      ...clientPortRemarks(cluster),
      ...runRemarks(file, ground, operations.length > 0),
      ...remarksOf(desired, facts, ground, told),
    ],
  };
}

/** Why `up` ends before it looks at anything, and where something is to be fixed that it goes on after that. */
function programRemarks({ programs }: DoctorInput, isDue: boolean): readonly Problem[] {
  if (programs === undefined) return [];
  const next = isDue ? goingOn(programs) : programs.next;
  return [{ ...programs, sentence: `up refuses: ${programs.sentence}`, next }];
}

/** What else is wrong follows from a restore that is not finished, or is settled by the run that finishes it. */
function besideRestore(
  desired: DesiredCluster,
  unfinished: readonly Problem[],
  diagnoses: readonly Proposal[],
  ground: AdviceContext,
): readonly Problem[] {
  const waiting = diagnoses.map((one) => ({
    ...one,
    next: one.next.map((remedy) =>
      remedy.requires.some(({ kind }) => kind === 'upWouldAct') ? cures.afterThat() : remedy,
    ),
  }));
  return [
    ...unfinished.map((one) => ofCluster(one, desired)),
    ...together(advised(ground, waiting)),
  ];
}

/** Clients are refused by a member that looks well: nothing else that is told may need them to be served first. */
function triedFindings(
  { cluster: { desired }, facts, run }: DoctorInput,
  ground: AdviceContext,
): readonly Finding[] {
  // A run that works shows it for a while, and puts the former certificate back.
  if (desired.ca === undefined || run?.works === true) return [];
  const diagnoses = triedMembers(desired, facts).map((name) => ({
    ...{ kind: 'tried-leaf', about: [name] },
    sentence:
      'shows a certificate of the new CA, which a rotation that was cut off tried there: clients that trust the old CA alone refuse this member',
    next: [cures.up(name, 'puts the former certificate back, without a restart')],
  }));
  return together(advised(ground, diagnoses)).map(findingOf);
}

function allFindings(
  { cluster: { desired }, facts, difference, suspect }: DoctorInput,
  diagnoses: readonly Proposal[],
  ground: AdviceContext,
): readonly Finding[] {
  const disputes = offerReplacement(desired, facts, clusterFindings(desired, facts), suspect);
  const corrupt =
    suspect?.others === 'same' ? disputes.find(({ kind }) => kind === CORRUPTION) : undefined;
  const isEach = (kinds: readonly string[], about: readonly string[], among: readonly Proposal[]) =>
    about.length > 0 &&
    about.every((name) =>
      among.some((one) => kinds.includes(one.kind) && one.about.includes(name)),
    );
  // Who was added and has never started has no data to lose.
  const own = diagnoses.filter(
    ({ kind, about }) => kind !== 'data-gone' || !isEach(['never-started'], about, disputes),
  );
  const advices = advised(ground, own);
  // A file without a CA in it trusts another one than the store's, too.
  const isTold = (one: Proposal) =>
    (one.kind === 'trusts-another-ca' && isEach(['no-pem', 'file-no-pem'], one.about, diagnoses)) ||
    advices.some(({ tells }) => tells.some((told) => isSame(told, one)));
  const told = disputes.filter((one) => !isTold(one));
  // Nobody can write meanwhile. Beside a member that does not answer the alarm stays until that member is back.
  const isFirst = ({ kind }: Proposal) => kind === ALARM && canBeDisarmed(desired, facts);
  const described = (some: readonly Proposal[]) =>
    some.map((one) => {
      const { problem, tells } = advise(ground, one);
      const isOfMember = one.kind === ALARM && one.about.length > 0;
      const about = isOfMember ? problem : ofCluster(problem, desired);
      // Who differs from the others is the one that the alarm names: what each holds shows that.
      const shown = one === corrupt ? [problem, difference].flatMap(evidenceOf) : [];
      return {
        problem: shown.length > 0 ? { ...about, evidence: shown } : about,
        ...{ is: one, tells },
      };
    });
  return [
    ...described(told.filter(isFirst)),
    ...together(advices).map((problem) => ({
      ...{ problem, is: problem },
      tells: advices.flatMap(({ tells }) => tells),
    })),
    ...described(told.filter((one) => !isFirst(one))),
    ...(difference === undefined || corrupt !== undefined
      ? []
      : [findingOf(ofCluster(besideReplacement(desired, facts, difference, suspect), desired))]),
  ];
}

/** Whether what ends an alarm of space would be refused by nobody that etcd lists. */
function canBeDisarmed(desired: DesiredCluster, facts: ClusterFacts): boolean {
  const among = listed(desired, facts);
  return unfitForDefragmentation(among.desired, among.facts).length === 0;
}

function evidenceOf(problem: Problem | undefined): readonly string[] {
  return problem?.evidence ?? [];
}

function findingOf(problem: Problem): Finding {
  return { problem, is: problem, tells: [] };
}

/** The same, told of the cluster: its sentence names who it is about. */
function ofCluster(problem: Problem, { name }: DesiredCluster): Problem {
  return { ...problem, about: [name] };
}

function advised(ground: AdviceContext, diagnoses: readonly Proposal[]): readonly Advice[] {
  return diagnoses.map((one) => advise(ground, one));
}

/** One finding where several members have the same cause. */
function together(advices: readonly Advice[]): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const { problem } of advices) {
    const key = JSON.stringify([problem.sentence, problem.next]);
    const known = found.get(key);
    found.set(
      key,
      known === undefined ? problem : { ...known, about: [...known.about, ...problem.about] },
    );
  }
  return [...found.values()];
}
