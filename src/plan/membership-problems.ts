import type { DesiredCluster } from '../desired/cluster.ts';
import type { EtcdMember } from '../etcd/answers.ts';
import {
  describeQuorum,
  neverStarted,
  type Quorum,
  quorumOf,
  sharedNames,
} from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Proposal } from '../problem/problem.ts';
import { couldNotBeAsked } from './etcdctl-trouble.ts';
import { entryOf } from './membership.ts';
import { remedies } from './remedies.ts';

/** What the list that etcd holds says of members that endanger the quorum or mislead who reads it. */
export function membershipProblems(
  cluster: Pick<DesiredCluster, 'name' | 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Proposal[] {
  const list = heldList(facts);
  if (list.length === 0) return [];
  const quorum = describeQuorum(observedQuorum(list, facts));
  const never = neverStarted(list);
  return [
    ...never
      .filter((one) => !isWanted(cluster, one))
      .map((one) => ({
        sentence: `member ${one.id} at ${one.peerUrls.join(', ')} is in etcd's list, never started, and is not in the inventory: ${quorum}`,
        next: [remedies.nameInInventory(), remedies.takeOut()],
      })),
    ...never
      .filter((one) => isWanted(cluster, one))
      .map((one) => ({
        sentence: `${nameAt(cluster, one)}: was added as member ${one.id} and never started: ${quorum}`,
        next: [remedies.up()],
      })),
    ...strangers(cluster, facts, list).map((one) => ({
      sentence: `member ${one.name} (${one.id}) at ${one.peerUrls.join(', ')} is in etcd's list and not in the inventory: ${quorum}`,
      next: [remedies.nameInInventory()],
    })),
    ...[...sharedNames(list)]
      .map(([name, members]) => ({ name, holders: members.toSorted(byPlace) }))
      .map(({ name, holders }) => ({
        sentence: `${holders.length} members are called ${name} in etcd's list: ${holders.map((one) => `${one.id} at ${one.peerUrls.join(', ')}`).join(' and ')}; each counts for the quorum (${quorum}), but who looks a member up by its name finds either`,
        next: [remedies.renameByUp(misnamed(cluster, name, holders))],
      })),
  ];
}

/** The list of members as etcd holds it: from who answers, else from who tells it without a quorum. */
export function heldList({ members }: Pick<ClusterFacts, 'members'>): readonly EtcdMember[] {
  const all = [...members.values()];
  const answered = all.flatMap(({ etcd }) => (etcd.members === undefined ? [] : [etcd.members]));
  const believed = all.flatMap(({ belief }) => (belief === undefined ? [] : [belief]));
  return [...answered, ...believed][0]?.members ?? [];
}

/** The ids of the members that answer a linearizable read. */
export function answeringIds({ members }: Pick<ClusterFacts, 'members'>): ReadonlySet<string> {
  return new Set(
    [...members.values()].flatMap(({ etcd, data }) =>
      etcd.healthy ? [etcd.status?.memberId ?? data?.wal?.memberId ?? []].flat() : [],
    ),
  );
}

/** The quorum as it was seen: who could not be asked for want of an etcdctl is not counted as one that does not answer. */
export function observedQuorum(
  list: readonly EtcdMember[],
  facts: Pick<ClusterFacts, 'members'>,
): Quorum {
  const quorum = quorumOf(list, answeringIds(facts));
  const unasked = [...facts.members.values()].filter(couldNotBeAsked);
  return unasked.length === 0 ? quorum : { ...quorum, unasked: unasked.length };
}

// One that the inventory has at another address is no stranger: its address was changed.
function strangers(
  cluster: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
  list: readonly EtcdMember[],
): readonly EtcdMember[] {
  const never = new Set(neverStarted(list));
  const known = new Set(
    cluster.members.map((one) => entryOf(one, facts.members.get(one.name), { members: list })?.id),
  );
  return list.filter((one) => !never.has(one) && !isWanted(cluster, one) && !known.has(one.id));
}

function isWanted({ members }: Pick<DesiredCluster, 'members'>, one: EtcdMember): boolean {
  return members.some(({ peerUrl }) => one.peerUrls.some((url) => place(url) === place(peerUrl)));
}

function nameAt({ members }: Pick<DesiredCluster, 'members'>, one: EtcdMember): string {
  const found = members.find(({ peerUrl }) =>
    one.peerUrls.some((url) => place(url) === place(peerUrl)),
  );
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

// A protocol switch changes the scheme of a URL, not whose it is.
function place(url: string): string {
  return url.slice(url.indexOf(':'));
}
