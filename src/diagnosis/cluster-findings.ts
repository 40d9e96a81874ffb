import type { DesiredCluster } from '../desired/cluster.ts';
import { namelessAlarms, readAlarms } from '../etcd/alarms.ts';
import { backendQuota } from '../etcd/backend-quota.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { allFound, foundMembers } from '../observed/found.ts';
import { planBoot } from '../plan/boot.ts';
import { joiningMembers } from '../plan/membership/joining.ts';
import { membershipProblems } from '../plan/membership/membership-problems.ts';
import { objections } from '../plan/refusing/objections.ts';
import { protocolMismatch } from '../plan/switching/protocol-mismatch.ts';
import { cures } from './cures.ts';
import type { Diagnosis } from './diagnosis.ts';

/** What the members disagree about with each other or with the inventory; `name` is a member or the cluster. */
export function clusterFindings(
  desired: DesiredCluster,
  facts: ClusterFacts,
): readonly Diagnosis[] {
  const mismatch = protocolMismatch(desired, facts);
  const disputes = [
    ...membershipProblems(desired, facts),
    ...(mismatch?.isFixedByUp ? [mismatch] : []),
    ...objections(desired, facts, planBoot(desired, facts, ''), {
      joining: joiningMembers(desired, facts),
    }).filter(({ sentence }) => !isAboutStranger(sentence)),
  ].map(({ sentence, next }) => ({
    ...{ name: desired.name, kind: 'dispute', cause: sentence, evidence: [] },
    next,
  }));
  return [...alarmFindings(desired.name, facts), ...disputes];
}

// Told above with what it means for the quorum.
function isAboutStranger(sentence: string): boolean {
  return /^(?:the running cluster has a member |the members' lists differ: )/.test(sentence);
}

/** One finding for each member without space; a corruption alarm is a reason to refuse, and told as such. */
function alarmFindings(cluster: string, { members }: ClusterFacts): readonly Diagnosis[] {
  const said = allFound({ members }).flatMap(({ etcd }) => etcd.status?.errors ?? []);
  const named = readAlarms(said.join('\n'));
  const nameless = namelessAlarms(allFound({ members })).filter(
    (kind) => kind !== 'CORRUPT' && !named.some((one) => one.kind === kind),
  );
  const about = named
    .filter(({ kind }) => kind !== 'CORRUPT')
    .map(({ memberId, kind }) => {
      const [name, found] =
        foundMembers({ members }).find(([, { etcd }]) => etcd.status?.memberId === memberId) ?? [];
      const isOver = kind === 'NOSPACE' && found !== undefined && hasSpace(found);
      return {
        name: name ?? memberId,
        kind: 'alarm',
        cause: `etcd raises the alarm ${kind}${isOver ? '; its database has space again' : ''}`,
        evidence: [],
        next: [isOver ? cures.disarmOnly() : cures.disarm()],
      };
    });
  return [
    ...about,
    ...nameless.map((kind) => ({
      ...{ name: cluster, kind: 'alarm', evidence: [], next: [cures.disarm()] },
      cause: `etcd raises the alarm ${kind}, and says to nobody without a user of which member`,
    })),
  ];
}

// After a larger quota or a defragmentation nothing else is left to do. etcd raises the alarm again where that is not so.
function hasSpace({ etcd, unit }: MemberFacts): boolean {
  const size = etcd.status?.dbSize;
  return (
    size !== undefined &&
    unit.process !== undefined &&
    backendQuota(unit.process.environment) > 1.25 * size
  );
}
