import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { majority, neverStarted, withstands } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, type SeenMember, someoneAnswers } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import type { Refusal } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely, situationOf } from '../refusing/situation.ts';
import { differingEntries, differingProblem } from './differing-lists.ts';
import type { Joining } from './joining.ts';
import type { Leaving } from './leaving.ts';
import { newcomers } from './membership.ts';
import { movedMachines } from './moved-machines.ts';
import { type StoredMembership, storedMembership, storedStrangers } from './stored-membership.ts';
import { votingOf } from './voting.ts';

/** Who is about to join, to leave or to be dialled elsewhere, and so is not a reason to refuse. */
export interface Moving {
  readonly joining?: readonly Joining[];
  readonly leaving?: readonly Leaving[];
  readonly readdressed?: readonly { readonly name: string }[];
  readonly movesPlaces?: boolean | undefined;
}

/**
 * Refuses members that the inventory adds or leaves out, but for those that the plan lets join or leave, and data of members
 * that the cluster has removed. Where nobody answers, the inventory is held against what the hosts hold: started first, the
 * cluster would be changed before it is known to be another.
 */
export function membershipIsKept(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'now'>,
  { joining = [], leaving = [] }: Moving = {},
): readonly Refusal[] {
  const { list, voters, strangers, outgoing } = observed(cluster, facts);
  const staying = strangers.filter(({ id }) => !leaving.some(({ entry }) => entry.id === id));
  const stored = storedMembership(cluster, facts);
  const removed = removedMembers(cluster, facts, stored);
  const isRemoved = new Set(removed.map(({ name }) => name));
  const isComing = new Set(joining.map(({ name }) => name));
  const added = newcomers(cluster, facts).filter(
    ({ name }) => !isRemoved.has(name) && !isComing.has(name),
  );
  return safely(cluster, facts, [
    ...removed.map((member) => dataOfRemoved(cluster, facts, member)),
    ...added.map((member) => ({
      kind: 'new-member',
      about: [member.name],
      sentence: isNew(member, list, stored),
      next: [remedies.leaveOut(member.name), remedies.joinByUp(member.name)],
    })),
    ...(outgoing.length > 0
      ? movedMachines(cluster, facts, staying)
      : staying.map((member) => strangerRefusal(cluster, facts, member, strangers, voters.length))),
    ...(stored === undefined ? [] : leftOut(cluster, facts, stored)),
  ]);
}

/** The same where nobody answers and the hosts hold another list than the inventory: to that all else that is seen is due. */
export function storedMembersAreKept(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'now'>,
): readonly Refusal[] {
  return storedMembership(cluster, facts) === undefined ? [] : membershipIsKept(cluster, facts);
}

/** Members of a cluster of which nobody answers that the inventory does not name. */
function leftOut(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  stored: StoredMembership,
): readonly Proposal[] {
  const { source } = stored;
  const { voters, needed, votes } = votingOf(cluster, facts);
  const usable = observed(cluster, facts).seen.filter(({ found }) => found.data?.hasLog === true);
  const answering = usable.filter(({ name }) => votes(name)).length;
  return storedStrangers(cluster, stored).map((member) => ({
    kind: 'left-out',
    about: [member.name || member.id],
    sentence: `nobody answers, and by ${source} the cluster has a member ${member.name || member.id} at ${member.peerUrls.join(', ')} that the inventory does not name; ${countsOf(member, needed, voters)}`,
    next: [
      remedies.nameStranger(member),
      ...(withstands({ voters, answering }, 0)
        ? [
            remedies.startOthers(
              member.name || member.id,
              cluster.unit,
              usable.map(({ name }) => name),
            ),
          ]
        : []),
    ],
  }));
}

/**
 * Refuses to stop a cluster of which the inventory does not name all members: those that are left out would run on without
 * a quorum, with data that is no longer the cluster's.
 */
export function wholeClusterIsNamed(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  if (!someoneAnswers(facts)) return [];
  const { voters, strangers } = observed(cluster, facts);
  const started = strangers.filter(({ name }) => name !== '');
  return safely(
    cluster,
    facts,
    started.map((member) => strangerRefusal(cluster, facts, member, strangers, voters.length)),
  );
}

/** Members whose data is of one that the answering cluster has removed: a process on it ends at once (etcd ErrMemberRemoved). */
function removedMembers(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  stored: StoredMembership | undefined,
): readonly SeenMember[] {
  const { list, seen } = observed(cluster, facts);
  if (stored !== undefined)
    return seen.filter(({ found }) => stored.removed.has(found.data?.wal?.memberId ?? ''));
  if (list === undefined || !someoneAnswers(facts)) return [];
  const ids = new Set(list.members.map(({ id }) => id));
  return seen.filter(({ found, answers }) => {
    const log = found.data?.wal;
    return !answers && log?.clusterId === list.clusterId && !ids.has(log.memberId);
  });
}

function dataOfRemoved(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'now'>,
  { name, listed, found }: SeenMember,
): Proposal {
  const canBeAdded = situationOf(cluster, facts)({ kind: 'allVotersAnswer' }) === 'yes';
  const was = `its data is of member ${found.data?.wal?.memberId}, which the cluster has removed and never takes back`;
  if (listed === undefined)
    return {
      kind: 'removed',
      about: [name],
      sentence: `${name}: ${was}`,
      next: [remedies.addWithoutData(name), ...(canBeAdded ? [] : [remedies.leaveOut(name)])],
    };
  if (neverStarted([listed]).length > 0)
    return {
      kind: 'removed',
      about: [name],
      sentence: `${name}: ${was}; in its place stands member ${listed.id}, which starts without data`,
      next: [remedies.startWithoutData(name)],
    };
  // What the new member has voted for is on a disk that is not there: without it, it must not start.
  return {
    kind: 'removed',
    about: [name],
    sentence: `${name}: ${was}; in its place stands member ${listed.id}, which has had data of its own: this is an older disk`,
    next: [remedies.mountOwnDisk(name), remedies.replaceMember(name), remedies.keepOthers(name)],
  };
}

function isNew(
  { name, peerUrl }: DesiredMember,
  list: MemberList | undefined,
  stored: StoredMembership | undefined,
): string {
  const place = `${name} at ${peerUrl}`;
  if (stored !== undefined)
    return `${name}: is new: by ${stored.source} the cluster has no member ${place}; its members are ${stored.members.map((one) => one.name || one.id).join(', ')}`;
  return list === undefined
    ? `${name}: is new: the cluster was made without ${place}`
    : `${name}: is new: the running cluster ${list.clusterId} has never had ${place}; its members are ${list.members.map((one) => one.name || one.id).join(', ')}`;
}

/** A second entry at the address of a member, or one that only some lists have, is nothing to put into the inventory. */
function strangerRefusal(
  { members }: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
  member: EtcdMember,
  together: readonly EtcdMember[],
  size: number,
): Proposal {
  const { name, id, peerUrls } = member;
  const about = [name || id];
  const differing = differingEntries(facts).find(({ entry }) => entry.id === id);
  if (differing !== undefined) return { ...differingProblem(differing), about };
  const counts = countsOf(member, majority(size), size);
  const at = peerUrls.join(', ');
  const isHere = members.some(({ peerUrl }) => isAt(member, peerUrl));
  if (isHere)
    return {
      kind: 'stranger',
      about,
      sentence: `the running cluster has a member ${name || 'without a name'} (${id}) at ${at} beside the one that the inventory names there; ${counts}`,
      next: [remedies.seeEntries()],
    };
  return {
    kind: 'stranger',
    about,
    sentence: `the running cluster has a member ${name || id} at ${at} that the inventory does not name${name === '' ? '; it has never started' : ''}; ${counts}`,
    next: [
      ...(members.some((one) => one.name === name) ? [] : [remedies.nameStranger(member)]),
      remedies.removeByUp(
        together.filter((one) => !members.some(({ peerUrl }) => isAt(one, peerUrl))),
        { members },
      ),
    ],
  };
}

/** What an entry means for the quorum: a learner has no vote. */
function countsOf(
  { isLearner }: Pick<EtcdMember, 'isLearner'>,
  needed: number,
  voters: number,
): string {
  return isLearner
    ? `it is a learner, which does not count: ${needed} of the ${voters} voters must answer`
    : `it counts: ${needed} of ${voters} must answer`;
}
