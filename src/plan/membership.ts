import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../etcd/answers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { setUpOf } from './set-up.ts';

type Members = Pick<ClusterFacts, 'members'>;

/** The membership as a member that answers has it, else as one without quorum believes it to be. */
export function knownMembers({ members }: Members): MemberList | undefined {
  const all = [...members.values()];
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

/** Members of the inventory that the cluster never had, by its list or, where nobody tells it, by the configuration it was made with. */
export function newcomers(cluster: DesiredCluster, facts: Members): readonly DesiredMember[] {
  const list = knownMembers(facts);
  if (list !== undefined)
    return cluster.members.filter(
      (member) => entryOf(member, facts.members.get(member.name), list) === undefined,
    );
  const made = cluster.members.flatMap(({ name }) => {
    const found = facts.members.get(name);
    return (found && setUpOf(cluster, found)) ?? [];
  });
  const formed = made.filter((one) => one.formed && one.initialCluster.size > 0);
  if (formed.length === 0) return [];
  return cluster.members.filter(({ name, peerUrl }) => {
    const found = facts.members.get(name);
    if (found === undefined || found.data?.used === true || setUpOf(cluster, found) !== undefined)
      return false;
    return !formed.some(
      ({ initialCluster }) =>
        initialCluster.has(name) ||
        [...initialCluster.values()].some((url) => sameAddress(url, peerUrl)),
    );
  });
}

/** Whether two URLs are the same but for the protocol. */
export function sameAddress(url: string, other: string): boolean {
  return url.slice(url.indexOf(':')) === other.slice(other.indexOf(':'));
}

/** The host of a URL, and its port. */
export function placeOf(url: string): { readonly host: string; readonly port: string } {
  const [, host = url, port = ''] = /^[a-z]+:\/\/(.*):(\d+)$/.exec(url) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), port };
}
