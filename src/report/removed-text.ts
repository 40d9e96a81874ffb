import type { DesiredCluster } from '../desired/cluster.ts';
import { describeQuorum } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';

interface Removal {
  readonly member: string;
  readonly changed: boolean;
  readonly notes: readonly string[];
  readonly json: boolean;
}

/** What the quorum is without a member that was removed; nothing for people where none was. */
export function removedText(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
  { member, changed, notes, json }: Removal,
): string | undefined {
  const { quorum } = observed(desired, facts);
  const { name: cluster } = desired;
  if (json)
    return JSON.stringify({ cluster, changed, removed: changed ? member : null, quorum, notes });
  if (!changed) return undefined;
  return `${cluster}: ${member} is removed${quorum === undefined ? '' : `; ${describeQuorum(quorum)}`}`;
}
