import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { stamp } from '../host/stamp.ts';
import { removalProblem } from '../plan/member-removal.ts';
import { sameAddress } from '../plan/membership.ts';
import { answeringIds, heldList } from '../plan/membership-problems.ts';
import type { Replacement } from './cures.ts';

/**
 * How to replace a member whose data is of no use: none where etcd's list does not have it, where it answers,
 * or where the others would have no quorum without it.
 */
export function replacementOf(
  { members, paths, unit }: DesiredCluster,
  facts: ClusterFacts,
  name: string,
): readonly Replacement[] {
  const member = members.find((one) => one.name === name);
  const found = facts.members.get(name);
  if (member === undefined || found?.data?.used !== true || found.etcd.healthy) return [];
  const list = heldList(facts);
  const [entry, ...more] = list.filter(({ peerUrls }) =>
    peerUrls.some((url) => sameAddress(url, member.peerUrl)),
  );
  if (entry === undefined || more.length > 0 || entry.clientUrls.length === 0) return [];
  const answering = answeringIds(facts);
  if (answering.has(entry.id) || removalProblem(entry.id, list, answering) !== undefined) return [];
  const asksForUser = [...facts.members.values()].some(({ etcd }) => etcd.asksForUser === true);
  return [
    {
      ...{ name, id: entry.id, peerUrl: entry.peerUrls[0] ?? member.peerUrl },
      ...{ data: paths.data, aside: `aside-${stamp(facts.now)}`, unit },
      user: asksForUser ? ['--user', 'root'] : [],
    },
  ];
}
