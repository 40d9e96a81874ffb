import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { answeringIds, sameAddress } from '../observed/membership.ts';
import { observed } from '../observed/observed.ts';
import { removalProblem } from '../plan/member-removal.ts';
import { asideOf } from '../plan/remedies.ts';
import { rootUser } from '../plan/root-user.ts';
import type { Replacement } from './cures.ts';

/**
 * How to replace a member whose data is of no use: none where etcd's list does not have it, where it answers,
 * or where the others would have no quorum without it.
 */
export function replacementOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  name: string,
): readonly Replacement[] {
  const { seen, list: held } = observed(desired, facts);
  const member = seen.find((one) => one.name === name);
  if (member?.found.data?.used !== true || member.answers) return [];
  const list = held?.members ?? [];
  const { peerUrl } = member.desired;
  const [entry, ...more] = list.filter(({ peerUrls }) =>
    peerUrls.some((url) => sameAddress(url, peerUrl)),
  );
  if (entry === undefined || more.length > 0 || entry.clientUrls.length === 0) return [];
  const answering = answeringIds(facts);
  if (answering.has(entry.id) || removalProblem(entry.id, list, answering) !== undefined) return [];
  return [
    {
      ...asideOf(desired, name, facts.now),
      ...{ id: entry.id, peerUrl: entry.peerUrls[0] ?? peerUrl, user: rootUser(facts) },
    },
  ];
}
