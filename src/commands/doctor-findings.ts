import type { DesiredCluster } from '../desired/cluster.ts';
import type { Diagnosis } from '../diagnosis/classify.ts';
import { readAlarms } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { Failure } from '../failure/failure.ts';
import { planBoot } from '../plan/boot.ts';
import { protocolQuarrel } from '../plan/protocol-quarrel.ts';
import { refusals } from '../plan/refusals.ts';
import { nextText } from '../problem/render.ts';
import { fullDisk } from '../verify/checks.ts';

/** One thing that is wrong, with what shows it and what mends it. */
export interface Finding {
  /** A member, or the cluster. */
  readonly about: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly next: string;
}

const UP = 'provision up INVENTORY';

/** What is wrong with one member: the first of unreachable, full, not set up, stopped, hanging, without quorum. */
export function memberFindings(
  name: string,
  found: MemberFacts | Failure,
  { unit }: DesiredCluster,
  diagnoses: readonly Diagnosis[],
): readonly Finding[] {
  const finding = (cause: string, next: string, evidence: readonly string[] = []) => [
    { about: name, cause, evidence, next },
  ];
  if (found instanceof Failure) {
    const sentence = found.message.replace(`${name}: `, '');
    return finding(sentence, found.next ?? 'see that the host is up and reachable by SSH');
  }
  const diagnosis = diagnoses.find((one) => one.name === name);
  const full = fullDisk(found.room);
  if (full !== undefined) return finding(full, `free space on it, then ${UP}`);
  if (!found.unit.exists) return finding(`${unit}.service does not exist there`, UP);
  if (diagnosis !== undefined && diagnosis.kind !== 'unknown') {
    return finding(diagnosis.cause, diagnosis.next, diagnosis.evidence);
  }
  if (found.unit.pid === 0) return finding(`${unit}.service is ${found.unit.active}`, UP);
  if (!found.etcd.healthy) {
    const why = found.etcd.complaint ?? 'no answer';
    return finding(
      `etcd runs, but does not answer a linearizable read: ${why}`,
      'mend the other members first: this one waits for a quorum',
    );
  }
  return [];
}

/** What the members disagree about with each other or with the inventory. */
export function clusterFindings(desired: DesiredCluster, facts: ClusterFacts): readonly Finding[] {
  const quarrel = protocolQuarrel(desired, facts);
  const disputes = [
    ...(quarrel?.isMendedByUp ? [quarrel] : []),
    ...refusals(desired, facts),
    ...planBoot(desired, facts, '').refusals,
  ].map(({ sentence, next }) => ({
    ...{ about: desired.name, cause: sentence, evidence: [] },
    next: nextText(next),
  }));
  return [...alarmFindings(facts), ...disputes];
}

/** One finding for each member without room; a corruption alarm is a reason to refuse, and told as such. */
function alarmFindings({ members }: ClusterFacts): readonly Finding[] {
  const said = [...members.values()].flatMap(({ etcd }) => etcd.status?.errors ?? []);
  return readAlarms(said.join('\n'))
    .filter(({ kind }) => kind !== 'CORRUPT')
    .map(({ memberId, kind }) => ({
      about:
        [...members].find(([, { etcd }]) => etcd.status?.memberId === memberId)?.[0] ?? memberId,
      cause: `etcd raises the alarm ${kind}`,
      evidence: [],
      // etcd's own order: room is made by compaction, given back by defragmentation, and only then may the alarm go.
      next: 'compact, defrag one member after another, then provision etcdctl INVENTORY -- alarm disarm',
    }));
}
