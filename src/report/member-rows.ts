import type { DesiredCluster } from '../desired/cluster.ts';
import type { EtcdMember } from '../etcd/answers.ts';
import { neverStarted } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { couldNotBeAsked } from '../observed/found.ts';
import { leaderId } from '../observed/membership.ts';
import { type ObservedMember, observed } from '../observed/observed.ts';

/** What an entry of etcd's list is to the cluster; undefined where etcd has none for a member of the inventory. */
type Role = 'leader' | 'voter' | 'learner';

/** A member as etcd's list and the inventory have it. */
export interface MemberRow {
  /** As etcd prints it. */
  readonly id: string | undefined;
  /** In etcd's list; empty before its first start. */
  readonly name: string | undefined;
  /** In the inventory. */
  readonly inventory: string | undefined;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly role: Role | undefined;
  readonly state: 'answers' | 'does not answer' | 'never started' | 'unreachable' | 'not asked';
}

/** The entries of etcd's list in the order of the inventory, strangers behind them, and what only the inventory has at last. */
export function memberRows(
  desired: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
): readonly MemberRow[] {
  const { members, strangers } = observed(desired, facts);
  const leader = leaderId(facts);
  const isAnswering = ({ id }: EtcdMember) => facts.answeringStrangers?.has(id) === true;
  const rows = members.map(
    (member): MemberRow => ({
      ...entryOf(member.listed, [member.desired.peerUrl]),
      inventory: member.name,
      role: member.listed && roleOf(member.listed, leader),
      state: stateOf(member),
    }),
  );
  return [
    ...rows.filter(({ id }) => id !== undefined),
    ...strangers.map(
      (entry): MemberRow => ({
        ...entryOf(entry, []),
        inventory: undefined,
        role: roleOf(entry, leader),
        state: isAnswering(entry) ? 'answers' : stateOfSilent(entry),
      }),
    ),
    ...rows.filter(({ id }) => id === undefined),
  ];
}

/** What etcd's list says of it, or where the inventory wants it. */
function entryOf(
  entry: EtcdMember | undefined,
  wanted: readonly string[],
): Pick<MemberRow, 'id' | 'name' | 'peerUrls' | 'clientUrls'> {
  const { id, name, peerUrls = wanted, clientUrls = [] } = entry ?? {};
  return { id, name, peerUrls, clientUrls };
}

function roleOf({ id, isLearner }: EtcdMember, leader: string | undefined): Role {
  if (id === leader) return 'leader';
  return isLearner ? 'learner' : 'voter';
}

function stateOf({ answers, listed, found, unreachable }: ObservedMember): MemberRow['state'] {
  if (answers) return 'answers';
  if (unreachable !== undefined) return 'unreachable';
  if (found !== undefined && couldNotBeAsked(found)) return 'not asked';
  return listed === undefined ? 'does not answer' : stateOfSilent(listed);
}

function stateOfSilent(entry: EtcdMember): MemberRow['state'] {
  return neverStarted([entry]).length > 0 ? 'never started' : 'does not answer';
}
