import type { DesiredCluster } from '../desired/cluster.ts';
import { describeQuorum } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';

interface ListChange {
  readonly member: string;
  /** What has become of it: as a key of the JSON, and as people say it. */
  readonly became: { readonly key: 'promoted' | 'removed'; readonly words: string };
  readonly changed: boolean;
  readonly notes: readonly string[];
  readonly json: boolean;
}

/** What the quorum is once one member was changed in etcd's list; nothing for people where none was. */
export function listChangeText(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
  { member, became: { key, words }, changed, notes, json }: ListChange,
): string | undefined {
  const { quorum } = observed(desired, facts);
  const { name: cluster } = desired;
  if (json)
    return JSON.stringify({ cluster, changed, [key]: changed ? member : null, quorum, notes });
  if (!changed) return undefined;
  return `${cluster}: ${member} ${words}${quorum === undefined ? '' : `; ${describeQuorum(quorum)}`}`;
}
