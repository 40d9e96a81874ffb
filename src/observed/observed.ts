import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../etcd/answers.ts';
import { leads } from '../etcd/leader.ts';
import { type Quorum, quorumOf } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { isSeen } from '../facts/unreachable.ts';
import type { Failure } from '../failure/failure.ts';
import { allFound, couldNotBeAsked } from './found.ts';
import { answeringIds, entryOf, heldList } from './membership.ts';

type Facts = Pick<ClusterFacts, 'members'> & Partial<Pick<ClusterFacts, 'answeringStrangers'>>;

/** A member as it should be and as it is. */
export interface ObservedMember {
  readonly name: string;
  readonly desired: DesiredMember;
  /** What its host told; undefined where that could not be asked, or was not. */
  readonly found: MemberFacts | undefined;
  /** Why its host could not be asked. */
  readonly unreachable: Failure | undefined;
  /** Whether its unit has a process. */
  readonly runs: boolean;
  /** Whether a linearizable read through its own endpoint succeeded. */
  readonly answers: boolean;
  /** What it said instead. */
  readonly complaint: string;
  readonly leads: boolean;
  /** Its entry in the list that etcd holds. */
  readonly listed: EtcdMember | undefined;
}

/** A member whose host told something. */
export type SeenMember = ObservedMember & { readonly found: MemberFacts };

/** What should be and what is, joined once: what every policy asks about a cluster. */
export interface Observed {
  /** All of the inventory, in its order. */
  readonly members: readonly ObservedMember[];
  /** Those whose hosts told something. */
  readonly seen: readonly SeenMember[];
  readonly answers: readonly ObservedMember[];
  /** Those that the inventory does not name any more and whose machines were found. */
  readonly outgoing: readonly ObservedMember[];
  /** Those that do not answer, whether their hosts do or not. */
  readonly notAnswering: readonly ObservedMember[];
  /** Those whose hosts could not be asked. */
  readonly unreachable: readonly ObservedMember[];
  readonly leader: ObservedMember | undefined;
  /** The answering member that the cluster is asked through: the leader, else the first; one that is to leave comes last. */
  readonly contact: ObservedMember | undefined;
  /** The list that etcd holds, where any member tells it. */
  readonly list: MemberList | undefined;
  readonly voters: readonly EtcdMember[];
  readonly learners: readonly EtcdMember[];
  /** In etcd's list and not in the inventory. */
  readonly strangers: readonly EtcdMember[];
  /** Counted over etcd's list, in which a member that never started counts as down; undefined where nobody tells it. */
  readonly quorum: Quorum | undefined;
}

/** Joins what should be with what was found. */
export function observed(
  desired: Pick<DesiredCluster, 'members' | 'outgoing'>,
  facts: Facts,
): Observed {
  const list = heldList(facts);
  const join = (member: DesiredMember) => joined(member, facts, list);
  const members = desired.members.map(join);
  const outgoing = (desired.outgoing ?? []).map(join);
  const listed = list?.members ?? [];
  const known = new Set(members.map((one) => one.listed?.id));
  const quorum = list && quorumSeen(listed, facts);
  const answers = members.filter((one) => one.answers);
  const asked = [...answers, ...outgoing.filter((one) => one.answers)];
  return {
    members,
    seen: members.filter(isSeenMember),
    answers,
    outgoing,
    notAnswering: members.filter((one) => !one.answers),
    unreachable: members.filter(({ unreachable }) => unreachable !== undefined),
    leader: [...members, ...outgoing].find((one) => one.leads),
    contact: asked.find((one) => one.leads) ?? asked[0],
    list,
    voters: listed.filter(({ isLearner }) => !isLearner),
    learners: listed.filter(({ isLearner }) => isLearner),
    strangers: listed.filter(({ id }) => !known.has(id)),
    quorum,
  };
}

/** The members whose hosts told something, in the order of the inventory. */
export function seenMembers(
  desired: Pick<DesiredCluster, 'members'>,
  facts: Facts,
): readonly SeenMember[] {
  return observed(desired, facts).seen;
}

/** Whether any member answers a linearizable read: then there is a quorum to keep. */
export function someoneAnswers(facts: Facts): boolean {
  return allFound(facts).some(({ etcd }) => etcd.healthy);
}

/** Who could not be asked for want of an etcdctl is not counted as one that does not answer. */
function quorumSeen(listed: readonly EtcdMember[], facts: Facts): Quorum {
  const up = new Set([...answeringIds(facts), ...(facts.answeringStrangers ?? [])]);
  const quorum = quorumOf(listed, up);
  const unasked = allFound(facts).filter(couldNotBeAsked);
  return unasked.length === 0 ? quorum : { ...quorum, unasked: unasked.length };
}

function joined(
  desired: DesiredMember,
  facts: Facts,
  list: MemberList | undefined,
): ObservedMember {
  const look = facts.members.get(desired.name);
  const found = isSeen(look) ? look : undefined;
  return {
    name: desired.name,
    desired,
    found,
    unreachable: look === undefined || isSeen(look) ? undefined : look.unreachable,
    runs: (found?.unit.pid ?? 0) > 0,
    answers: found?.etcd.healthy === true,
    complaint: found?.etcd.complaint ?? 'no answer',
    leads: leads(found?.etcd.status),
    listed: list && entryOf(desired, found, list),
  };
}

function isSeenMember(member: ObservedMember): member is SeenMember {
  return member.found !== undefined;
}
