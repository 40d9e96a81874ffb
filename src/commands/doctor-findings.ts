import type { DesiredCluster } from '../desired/cluster.ts';
import { readAlarms } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { planBoot } from '../plan/boot.ts';
import { membershipProblems } from '../plan/membership-problems.ts';
import { objections } from '../plan/objections.ts';
import { protocolQuarrel } from '../plan/protocol-quarrel.ts';
import { nextText } from '../problem/render.ts';

/** One thing that is wrong, with what shows it and what mends it. */
export interface Finding {
  /** A member, or the cluster. */
  readonly about: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly next: string;
}

/** What the members disagree about with each other or with the inventory. */
export function clusterFindings(desired: DesiredCluster, facts: ClusterFacts): readonly Finding[] {
  const quarrel = protocolQuarrel(desired, facts);
  const membership = membershipProblems(desired, facts);
  const disputes = [
    ...membership,
    ...(quarrel?.isMendedByUp ? [quarrel] : []),
    ...objections(desired, facts, planBoot(desired, facts, '')).filter(
      ({ sentence }) => !isAboutStranger(sentence),
    ),
  ].map(({ sentence, next }) => ({
    ...{ about: desired.name, cause: sentence, evidence: [] },
    next: nextText(next),
  }));
  return [...alarmFindings(facts), ...disputes];
}

// Told above with what it means for the quorum.
function isAboutStranger(sentence: string): boolean {
  return sentence.startsWith('the running cluster has a member ');
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
