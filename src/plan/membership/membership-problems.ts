import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { describeQuorum, neverStarted, sharedNames } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { remedies } from '../refusing/remedies.ts';
import { differingEntries, differingProblem } from './differing-lists.ts';

/** What the list that etcd holds says of members that endanger the quorum or mislead who reads it. */
export function membershipProblems(
  cluster: Pick<DesiredCluster, 'name' | 'members'>,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
): readonly Proposal[] {
  const seen = observed(cluster, facts);
  const list = seen.list?.members ?? [];
  if (seen.quorum === undefined || list.length === 0) return [];
  const quorum = describeQuorum(seen.quorum);
  const never = neverStarted(list);
  const differing = differingEntries(facts);
  const isAgreed = ({ id }: EtcdMember) => !differing.some(({ entry }) => entry.id === id);
  const leaving = seen.strangers.filter((one) => !isWanted(cluster, one) && isAgreed(one));
  const remove = remedies.removeByUp(leaving, cluster);
  return [
    ...differing.map(differingProblem),
    ...never
      .filter((one) => !isWanted(cluster, one))
      .map((one) => ({
        kind: 'stranger-never-started',
        about: [],
        sentence: `${voteOf(one)} ${one.id} at ${one.peerUrls.join(', ')} is in etcd's list, never started, and is not in the inventory: ${quorum}`,
        next: [remedies.nameInInventory(), remove],
      })),
    ...never
      .filter((one) => isWanted(cluster, one))
      .map((one) => ({
        kind: 'never-started',
        about: [nameAt(cluster, one)],
        sentence: `${nameAt(cluster, one)}: was added as ${voteOf(one)} ${one.id} and never started: ${quorum}`,
        next: [remedies.up()],
      })),
    ...seen.strangers
      .filter((one) => !never.includes(one) && !isWanted(cluster, one) && isAgreed(one))
      .map((one) => ({
        kind: 'stranger',
        about: [one.name || one.id],
        sentence: `${voteOf(one)} ${one.name} (${one.id}) at ${one.peerUrls.join(', ')} is in etcd's list and not in the inventory: ${quorum}`,
        next: [
          ...(cluster.members.some(({ name }) => name === one.name)
            ? []
            : [remedies.nameInInventory()]),
          remove,
        ],
      })),
    ...[...sharedNames(list.filter(isAgreed))]
      .map(([name, members]) => ({ name, holders: members.toSorted(byPlace) }))
      .map(({ name, holders }) => ({ name, holders, others: misnamed(cluster, name, holders) }))
      .map(({ name, holders, others }) => ({
        kind: 'shared-name',
        about: [],
        sentence: `${holders.length} members are called ${name} in etcd's list: ${holders.map((one) => `${one.id} at ${one.peerUrls.join(', ')}`).join(' and ')}; each counts for the quorum (${quorum}), but who looks a member up by its name finds either`,
        next: [others.length > 0 ? remedies.renameByUp(others) : remedies.seeEntries()],
      })),
  ];
}

/** A learner does not count for the quorum that is told with it. */
function voteOf({ isLearner }: EtcdMember): string {
  return isLearner ? 'learner' : 'member';
}

function isWanted({ members }: Pick<DesiredCluster, 'members'>, one: EtcdMember): boolean {
  return members.some(({ peerUrl }) => isAt(one, peerUrl));
}

function nameAt({ members }: Pick<DesiredCluster, 'members'>, one: EtcdMember): string {
  const found = members.find(({ peerUrl }) => isAt(one, peerUrl));
  return found?.name ?? one.id;
}

function byPlace(one: EtcdMember, other: EtcdMember): number {
  return (one.peerUrls[0] ?? '').localeCompare(other.peerUrls[0] ?? '');
}

function misnamed(
  cluster: Pick<DesiredCluster, 'members'>,
  name: string,
  holders: readonly EtcdMember[],
): readonly string[] {
  return holders.map((one) => nameAt(cluster, one)).filter((own) => own !== name);
}
