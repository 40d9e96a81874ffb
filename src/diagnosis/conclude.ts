import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { storedMembersAreKept } from '../plan/membership/membership-refusals.ts';
import { mistakenMembers } from '../plan/ownership/owners.ts';
import { changedSettings } from '../plan/refusing/changed-settings.ts';
import { triedMembers, unfinishedOperations } from '../plan/restoring/unfinished-operations.ts';
import type { Problem } from '../problem/problem.ts';
import { type Advised, advise, type Ground, groundOf } from './advise.ts';
import { clusterFindings } from './cluster-findings.ts';
import { cures } from './cures.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { ExaminedCluster } from './examined.ts';
import { memberCauses } from './member-causes.ts';
import { withoutMembership } from './not-members.ts';
import {
  bootRemarks,
  downRemarks,
  type Evidenced,
  type Remark,
  type Run,
  remarksOf,
  runRemarks,
} from './remarks.ts';

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
  readonly programs?: Pick<Problem, 'sentence' | 'next'> | undefined;
  /** That members hold different data, where they could be compared. */
  readonly difference?: Problem | undefined;
}

/** One thing that is wrong with members or with the cluster. */
export type Finding = Problem & Required<Pick<Problem, 'about'>> & Evidenced;

/** What is wrong with a cluster, and what `up` would refuse although nothing is wrong yet. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly remarks: readonly Remark[];
}

/** Judges a cluster, causes before consequences; a `down` that was cut off is the cause of what it leaves. */
export function conclude(file: DoctorInput): Verdict {
  const verdict = judge(file);
  const [down] = downRemarks(file);
  if (down === undefined || verdict.findings.length === 0) return verdict;
  return {
    findings: [{ about: [file.cluster.desired.name], ...down }, ...verdict.findings],
    remarks: verdict.remarks.filter(({ sentence }) => sentence !== down.sentence),
  };
}

function judge(file: DoctorInput): Verdict {
  const { cluster, facts, unfinished } = file;
  const { desired } = cluster;
  const diagnoses = withoutMembership(desired, facts, memberCauses(cluster));
  const ground = groundOf(desired, facts, diagnoses);
  if (unfinished.length > 0)
    return { findings: besideRestore(desired, unfinished, diagnoses, ground), remarks: [] };
  // From these everything else follows: the member seems stopped, its data gone.
  const changed = changedSettings(desired, facts);
  const mistaken = mistakenMembers(desired, facts);
  const first =
    mistaken.length > 0
      ? mistaken
      : changed.length > 0
        ? changed
        : storedMembersAreKept(desired, facts);
  if (first.length > 0) {
    const told = first.map(({ about, sentence, next }) => ({
      about: about?.length === 1 ? about : [desired.name],
      ...{ sentence, evidence: [], next: next },
    }));
    // What is wrong with one member alone says nothing of the others.
    const meant = new Set(changed.flatMap(({ about = [] }) => about));
    const others =
      first === changed && meant.size > 0 ? diagnoses.filter(({ name }) => !meant.has(name)) : [];
    return {
      findings: [...told, ...together(others.map((one) => advise(ground, one)))],
      remarks: [],
    };
  }
  const findings = [...triedFindings(file, ground), ...allFindings(file, diagnoses, ground)];
  const operations = unfinishedOperations(desired, facts);
  return {
    findings,
    remarks: [
      ...operations.map((one) => ({ ...one, evidence: [] })),
      ...(file.programs === undefined
        ? []
        : [
            {
              sentence: `up refuses: ${file.programs.sentence}`,
              ...{ evidence: [], next: file.programs.next },
            },
          ]),
      ...bootRemarks(cluster),
      ...runRemarks(file, ground, operations.length > 0),
      ...remarksOf(desired, facts, ground, findings),
    ],
  };
}

/** What else is wrong follows from a restore that is not finished, or is settled by the run that finishes it. */
function besideRestore(
  { name }: DesiredCluster,
  unfinished: readonly Problem[],
  diagnoses: readonly Diagnosis[],
  ground: Ground,
): readonly Finding[] {
  const waiting = diagnoses.map((one) => {
    const next = one.next.map((remedy) =>
      remedy.requires.some(({ kind }) => kind === 'upWouldAct') ? cures.afterThat() : remedy,
    );
    return advise(ground, { ...one, next });
  });
  return [
    ...unfinished.map(({ sentence, next }) => ({
      ...{ about: [name], sentence, evidence: [], next: next },
    })),
    ...together(waiting),
  ];
}

/** Clients are refused by a member that looks well: nothing else that is told may need them to be served first. */
function triedFindings(
  { cluster: { desired }, facts, run }: DoctorInput,
  ground: Ground,
): readonly Finding[] {
  // A run that works shows it for a while, and puts the former certificate back.
  if (desired.ca === undefined || run?.works === true) return [];
  return together(
    triedMembers(desired, facts).map((name) =>
      advise(ground, {
        ...{ name, kind: 'tried-leaf', evidence: [] },
        cause:
          'shows a certificate of the new CA, which a rotation that was cut off tried there: clients that trust the old CA alone refuse this member',
        next: [cures.up(name, 'puts the former certificate back, without a restart')],
      }),
    ),
  );
}

function allFindings(
  { cluster: { desired }, facts, difference }: DoctorInput,
  diagnoses: readonly Diagnosis[],
  ground: Ground,
): readonly Finding[] {
  const disputes = clusterFindings(desired, facts);
  // Who was added and has never started has no data to lose.
  const isNew = (name: string) =>
    disputes.some(({ cause }) => cause.startsWith(`${name}: was added`));
  const own = diagnoses.filter(({ name, kind }) => kind !== 'data-gone' || !isNew(name));
  const isTold = (cause: string) =>
    diagnoses.some(({ name, kind }) => kind === 'no-pem' && cause.startsWith(`${name}: trusts`));
  const advised = own.map((one) => advise(ground, one));
  const isSaid = (sentence: string) =>
    advised.some(({ name, cause }) =>
      `: ${cause}`.endsWith(`: ${sentence.replace(`${name}: `, '')}`),
    );
  return [
    ...together(advised),
    ...disputes
      .filter(({ cause }) => !isTold(cause) && !isSaid(cause))
      .map((one) => finding(advise(ground, one))),
    ...(difference === undefined
      ? []
      : [
          {
            ...{ about: [desired.name], sentence: difference.sentence },
            ...{ evidence: difference.evidence ?? [], next: difference.next },
          },
        ]),
  ];
}

function finding({ name, cause, evidence, next }: Advised): Finding {
  return { about: [name], sentence: cause, evidence, next };
}

/** One finding where several members have the same cause. */
function together(diagnoses: readonly Advised[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const one of diagnoses) {
    const key = JSON.stringify([one.cause, one.next]);
    const known = found.get(key);
    found.set(
      key,
      known === undefined ? finding(one) : { ...known, about: [...known.about, one.name] },
    );
  }
  return [...found.values()];
}
