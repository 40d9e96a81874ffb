import type { DesiredMember } from '../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../etcd/answers.ts';
import { isAt } from '../etcd/peer-url.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { allFound, foundOf } from './found.ts';

type Members = Pick<ClusterFacts, 'members'>;

/** The list that etcd holds: from a member that answers, else as one without quorum tells it at its peer port. */
export function heldList(facts: Members): MemberList | undefined {
  return listTold(allFound(facts));
}

/** The first list that these tell. One that has just started may tell an empty list: no cluster has that. */
export function listTold(
  all: readonly Pick<MemberFacts, 'etcd' | 'reportedList'>[],
): MemberList | undefined {
  const lists = [
    ...all.map(({ etcd }) => etcd.members),
    ...all.map(({ reportedList }) => reportedList),
  ];
  return lists.find((list) => list !== undefined && list.members.length > 0);
}

/** Whether a list that a member tells has none that the inventory does not name. */
export function hasNoOther(
  { members }: { readonly members: readonly Pick<DesiredMember, 'name' | 'peerUrl'>[] },
  list: MemberList,
): boolean {
  return (
    list.members.length > 0 &&
    list.members.every((one) =>
      members.some(({ name, peerUrl }) => name === one.name || isAt(one, peerUrl)),
    )
  );
}

/** The entry of a member in etcd's list: by its peer URL, by the id that its own process or log says, or by its name. */
export function entryOf(
  { name, peerUrl }: Pick<DesiredMember, 'name' | 'peerUrl'>,
  found: MemberFacts | undefined,
  list: Pick<MemberList, 'members'>,
): EtcdMember | undefined {
  const ids = [found?.etcd.status?.memberId, found?.data?.wal?.memberId];
  return (
    list.members.find((one) => isAt(one, peerUrl)) ??
    list.members.find(({ id }) => ids.includes(id)) ??
    list.members.find((one) => one.name === name)
  );
}

/**
 * A member as any list that was told has it: by its id where it says it, else by its name. Never by its peer URL, as
 * `entryOf` does: for those who ask here, which URLs the member is listed with is the question, while a switch of the
 * protocol moves them.
 */
export function listedMember(
  name: string,
  members: ClusterFacts['members'],
): EtcdMember | undefined {
  const id = foundOf({ members }, name)?.etcd.status?.memberId;
  const all = allFound({ members });
  return [
    ...all.flatMap(({ etcd }) => etcd.members ?? []),
    ...all.flatMap(({ reportedList }) => reportedList ?? []),
  ]
    .flatMap((list) => list.members)
    .find((one) => (id === undefined ? one.name === name : one.id === id));
}

/** The ids of the members that answer a linearizable read. */
export function answeringIds(facts: Members): ReadonlySet<string> {
  return new Set(
    allFound(facts).flatMap(({ etcd, data }) =>
      etcd.healthy ? (etcd.status?.memberId ?? data?.wal?.memberId ?? []) : [],
    ),
  );
}

/** The member that those which answer follow, by its id; it may be one that the inventory does not name. */
export function leaderId(facts: Members): string | undefined {
  const told = allFound(facts).filter(({ etcd }) => etcd.healthy);
  return told.flatMap(({ etcd }) => etcd.status?.leader ?? [])[0];
}
