import type { DesiredMember } from '../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../etcd/answers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { allFound, foundOf } from './found.ts';

type Members = Pick<ClusterFacts, 'members'>;

/** The list that etcd holds: from a member that answers, else as one without quorum tells it at its peer port. */
export function heldList(facts: Members): MemberList | undefined {
  const all = allFound(facts);
  return (
    all.find(({ etcd }) => etcd.members !== undefined)?.etcd.members ??
    all.find(({ belief }) => belief !== undefined)?.belief
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
    list.members.find(({ peerUrls }) => peerUrls.some((url) => sameAddress(url, peerUrl))) ??
    list.members.find(({ id }) => ids.includes(id)) ??
    list.members.find((one) => one.name === name)
  );
}

/** A member as any list that was told has it: by its id where it says it, else by its name. */
export function listedMember(
  name: string,
  members: ClusterFacts['members'],
): EtcdMember | undefined {
  const id = foundOf({ members }, name)?.etcd.status?.memberId;
  const all = allFound({ members });
  return [
    ...all.flatMap(({ etcd }) => etcd.members ?? []),
    ...all.flatMap(({ belief }) => belief ?? []),
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

/** Whether two URLs are the same but for the protocol. */
export function sameAddress(url: string, other: string): boolean {
  return url.slice(url.indexOf(':')) === other.slice(other.indexOf(':'));
}
