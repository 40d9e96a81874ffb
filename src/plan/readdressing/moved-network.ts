import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { majority, withstands } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, type SeenMember, someoneAnswers } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, type Remedy, remedy } from '../../problem/remedy.ts';
import { placeOf } from '../membership/membership.ts';
import { storedMembership } from '../membership/stored-membership.ts';
import { setUpOf } from '../ownership/set-up.ts';
import { remedies } from '../refusing/remedies.ts';

/** A member whose data was found, and its entry in the list that the data holds. */
interface Kept {
  readonly member: SeenMember;
  readonly entry: EtcdMember;
}

/**
 * That most members have other addresses than their data has, as after a move of all machines to another network: nobody can
 * be dialled, so no quorum forms, and without one the list cannot be changed. Only where all data is of one cluster. Empty
 * where members answer, or where enough of them are where the list has them.
 */
export function movedNetwork(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Proposal[] {
  if (someoneAnswers(facts)) return [];
  const { list, seen } = observed(cluster, facts);
  const entries = list?.members ?? storedMembership(cluster, facts)?.members ?? [];
  const logs = seen.flatMap(({ found }) => found.data?.wal ?? []);
  const clusters = new Set([
    ...logs.map(({ clusterId }) => clusterId),
    list?.clusterId ?? logs[0]?.clusterId,
  ]);
  const [clusterId] = clusters;
  if (clusters.size !== 1 || clusterId === undefined) return [];
  const kept = seen.flatMap((member) => keptBy(cluster, member, entries));
  const moved = kept.filter(({ member, entry }) => isElsewhere(member, entry));
  const voters = entries.filter(({ isLearner }) => !isLearner).length;
  const inPlace = kept.filter(
    ({ member, entry }) => !entry.isLearner && isAt(entry, member.desired.peerUrl),
  ).length;
  const best = mostOf(kept);
  if (moved.length === 0 || best === undefined) return [];
  if (withstands({ voters, answering: inPlace }, 0)) return [];
  // What was acknowledged, most have: of so many as one of those is always among, the best has all of it.
  // A learner acknowledges nothing.
  const untold = kept.filter(({ member }) => applied(member) === undefined);
  const told = kept.filter((one) => !one.entry.isLearner && !untold.includes(one));
  const isEnough = told.length > voters - majority(voters);
  const names = moved.map(({ member }) => member.name);
  const former = moved.flatMap(({ entry }) => entry.peerUrls.map((url) => placeOf(url).host));
  const verb = names.length === 1 ? 'is' : 'are';
  return [
    {
      kind: 'network-moved',
      about: names,
      sentence: `${names.join(', ')}: ${verb} at other addresses than the data of the cluster (${clusterId}) has, which is ${former.join(', ')}; nobody answers, and with ${inPlace} of ${voters} members where it has them no quorum forms: ${majority(voters)} must`,
      evidence: kept.map(({ member }) => `${member.name} ${howFar(member)}`),
      next: [
        remedies.giveAddressesBack(former),
        ...(isEnough
          ? [remedies.restoreElsewhere(best.member.name)]
          : untold.length > 0
            ? [seeFirst(cluster.unit, untold)]
            : []),
      ],
    },
  ];
}

/** The entry of a member whose own data is on its host; nothing where it is not. */
function keptBy(
  cluster: DesiredCluster,
  member: SeenMember,
  entries: readonly EtcdMember[],
): readonly Kept[] {
  const { data } = member.found;
  if (data?.hasLog !== true || setUpOf(cluster, member.found)?.member !== member.name) return [];
  const entry =
    entries.find(({ id }) => id !== '' && id === data.wal?.memberId) ??
    entries.find(({ name }) => name === member.name);
  return entry === undefined ? [] : [{ member, entry }];
}

/** Another port can always be put back; an address cannot. */
function isElsewhere({ desired }: SeenMember, { peerUrls }: EtcdMember): boolean {
  const { host } = placeOf(desired.peerUrl);
  return peerUrls.length > 0 && peerUrls.every((url) => placeOf(url).host !== host);
}

/** Who holds most, by what is known: the first of several. */
function mostOf(kept: readonly Kept[]): Kept | undefined {
  return kept.toSorted(
    (one, other) => (applied(other.member) ?? -1) - (applied(one.member) ?? -1),
  )[0];
}

function applied({ found: { database, etcd } }: SeenMember): number | undefined {
  return database?.index ?? etcd.status?.raftAppliedIndex;
}

function seeFirst(unit: string, untold: readonly Kept[]): Remedy {
  const names = untold.map(({ member }) => member.name).join(', ');
  return remedy`if those are gone for good, see first who holds most: systemctl stop ${unit} on ${names}; then: ${provision('plan', INVENTORY)}`;
}

function howFar(member: SeenMember): string {
  const index = applied(member);
  return index === undefined
    ? 'has a process, and does not tell what it holds meanwhile'
    : `holds everything up to entry ${index}`;
}
