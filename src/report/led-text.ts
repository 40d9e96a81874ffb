import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { leaderId } from '../observed/membership.ts';
import { observed } from '../observed/observed.ts';

/** Who leads a cluster, for people or as JSON; nothing for people where the plan has said it. */
export function ledText(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  { changed, notes, json }: { changed: boolean; notes: readonly string[]; json: boolean },
): string | undefined {
  const id = leaderId(facts);
  const entry = observed(desired, facts).list?.members.find((one) => one.id === id);
  const leader = entry?.name || id || 'nobody';
  const { name: cluster } = desired;
  if (json) return JSON.stringify({ cluster, changed, leader, leaderId: id, notes });
  return changed ? `${cluster}: ${leader} leads` : undefined;
}
