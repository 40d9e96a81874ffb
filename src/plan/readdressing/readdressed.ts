import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, someoneAnswers } from '../../observed/observed.ts';
import { setUpOf } from '../ownership/set-up.ts';

/** A member that the inventory has at another peer URL than etcd's list, and whose data was found at the new address. */
export interface Readdressed {
  readonly name: string;
  readonly desired: DesiredMember;
  /** Its entry in etcd's list, as others dial it yet. */
  readonly entry: EtcdMember;
  readonly answers: boolean;
}

/**
 * The members that are to be dialled elsewhere from now on. Which one a host has is told by its log, and by the unit that
 * was written for it: a host without that data is another machine, or none that is meant. Nobody where no member answers:
 * the list cannot be changed then.
 */
export function readdressedMembers(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Readdressed[] {
  const { list, seen } = observed(cluster, facts);
  if (list === undefined || !someoneAnswers(facts)) return [];
  return seen.flatMap(({ name, desired, found, answers }) => {
    const log = found.data?.wal;
    const isOwn = log?.clusterId === list.clusterId && setUpOf(cluster, found)?.member === name;
    const entry = isOwn ? list.members.find(({ id }) => id === log.memberId) : undefined;
    if (entry === undefined || entry.peerUrls.length === 0 || isAt(entry, desired.peerUrl))
      return [];
    // A copy of the disk of a member that is where it should be is no move.
    const isOriginal = (one: (typeof seen)[number]) =>
      one.found.data?.wal?.memberId === entry.id && isAt(entry, one.desired.peerUrl);
    if (seen.some(isOriginal)) return [];
    return [{ name, desired, entry, answers }];
  });
}
