import type { DesiredCluster } from '../desired/cluster.ts';
import { describeQuorum } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';

interface Promotion {
  readonly member: string;
  readonly changed: boolean;
  readonly notes: readonly string[];
  readonly json: boolean;
}

/** What the quorum is with a member that was given its vote; nothing for people where none was. */
export function promotedText(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
  { member, changed, notes, json }: Promotion,
): string | undefined {
  const { quorum } = observed(desired, facts);
  const { name: cluster } = desired;
  if (json)
    return JSON.stringify({ cluster, changed, promoted: changed ? member : null, quorum, notes });
  if (!changed) return undefined;
  return `${cluster}: ${member} has its vote${quorum === undefined ? '' : `; ${describeQuorum(quorum)}`}`;
}
