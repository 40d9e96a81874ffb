import type { DesiredCluster } from '../../desired/cluster.ts';
import { majority } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { placeOf } from '../membership/membership.ts';
import { storedMembership, storedStrangers } from '../membership/stored-membership.ts';

/**
 * What is to be done about members of the former cluster that the inventory of a restore leaves out: nobody stops them. The
 * restored cluster has another id, so nothing of theirs gets into it; only clients that ask them are misled.
 */
export function leftBehind(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): string | undefined {
  const stored = storedMembership(desired, facts);
  const { strangers, list } = observed(desired, facts);
  const kept = new Set(desired.members.map(({ peerUrl }) => placeOf(peerUrl).host));
  // An entry that is left over at the host of a member that stays is nothing to be stopped: the member would be.
  const left = (stored ? storedStrangers(desired, stored) : strangers).filter(
    ({ peerUrls }) => !peerUrls.some((url) => kept.has(placeOf(url).host)),
  );
  if (left.length === 0) return undefined;
  const voters = ((stored ?? list)?.members ?? left).filter(({ isLearner }) => !isLearner).length;
  const named = left.map(({ name, id, peerUrls }) => `${name || id} (${peerUrls.join(', ')})`);
  const hosts = left.flatMap(({ peerUrls: [url] }) =>
    url === undefined ? [] : [placeOf(url).host],
  );
  const serves =
    left.filter(({ isLearner }) => !isLearner).length >= majority(voters)
      ? 'they have the quorum of the former cluster and go on taking writes, which the restored one does not get'
      : 'clients that still ask them read the data of the former cluster';
  return `not in this inventory, so left as they are: ${named.toSorted().join(', ')}; ${serves}: stop etcd there: systemctl disable --now ${desired.unit} on ${hosts.toSorted().join(', ')}`;
}
