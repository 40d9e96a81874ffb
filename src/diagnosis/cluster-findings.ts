import type { DesiredCluster } from '../desired/cluster.ts';
import { namelessAlarms } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { alarmsOf } from '../observed/alarms.ts';
import { allFound, foundMembers } from '../observed/found.ts';
import { planBoot } from '../plan/boot.ts';
import { isTight, quotaOf } from '../plan/maintaining/database.ts';
import { joiningMembers } from '../plan/membership/joining.ts';
import { membershipProblems } from '../plan/membership/membership-problems.ts';
import { objections } from '../plan/refusing/objections.ts';
import { protocolMismatch } from '../plan/switching/protocol-mismatch.ts';
import { halfUpgraded } from '../plan/upgrading/half-upgraded.ts';
import type { Proposal } from '../problem/problem.ts';
import { cures } from './cures.ts';

/** What the members disagree about with each other or with the inventory. */
export function clusterFindings(desired: DesiredCluster, facts: ClusterFacts): readonly Proposal[] {
  const mismatch = protocolMismatch(desired, facts);
  return [
    ...alarmFindings(facts),
    ...membershipProblems(desired, facts),
    ...halfUpgraded(desired, facts),
    ...(mismatch?.isFixedByUp ? [mismatch] : []),
    ...objections(desired, facts, planBoot(desired, facts, ''), {
      joining: joiningMembers(desired, facts),
      movesPlaces: true,
    }).filter(({ kind }) => !OF_MEMBERSHIP.has(kind)),
  ];
}

/** Told by `membershipProblems` with what it means for the quorum. */
const OF_MEMBERSHIP: ReadonlySet<string> = new Set(['stranger', 'lists-differ']);

/** An alarm of etcd other than of corruption. */
export const ALARM = 'alarm';

/** One finding for each member without space; a corruption alarm is a reason to refuse, and told as such. */
function alarmFindings({ members }: ClusterFacts): readonly Proposal[] {
  const named = alarmsOf({ members });
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
        kind: ALARM,
        about: [name ?? memberId],
        sentence: `etcd raises the alarm ${kind}${isOver ? '; its database has space again' : ''}`,
        next: [isOver ? cures.disarmOnly() : cures.disarm()],
      };
    });
  return [
    ...about,
    ...nameless.map((kind) => ({
      ...{ kind: ALARM, about: [], next: [cures.disarm()] },
      sentence: `etcd raises the alarm ${kind}, and says to nobody without a user of which member`,
    })),
  ];
}

// After a larger quota or a defragmentation nothing else is left to do. etcd raises the alarm again where that is not so.
function hasSpace({ etcd, unit }: MemberFacts): boolean {
  const size = etcd.status?.dbSize;
  return (
    size !== undefined && unit.process !== undefined && !isTight({ size, quota: quotaOf({ unit }) })
  );
}
