import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { misdescribed } from '../ownership/misdescribed.ts';
import type { Refusal } from '../plan.ts';
import { notAnsweringRefusals } from '../policy.ts';
import { noCorruption } from '../refusing/corruption.ts';

/** Why nothing of a cluster's databases may be touched: it is not this one, or its data is in doubt. */
export function untouchable(desired: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const strange = misdescribed(desired, facts);
  return strange.length > 0 ? strange : noCorruption(desired, facts);
}

/** Why no member may be kept from its work: another one than those that are done without does not answer already, or none says how large it is. */
export function unfitForDefragmentation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  away: readonly string[] = [],
): readonly Refusal[] {
  const first = untouchable(desired, facts);
  if (first.length > 0) return first;
  const sick = notAnsweringRefusals(desired, facts, 'a defragmentation', [
    remedy`see why, and put it right: ${provision('doctor', INVENTORY)}; a defragmentation that was cut off goes on by itself, and its member answers when it is over`,
  ]).filter(({ about }) => !about.every((name) => away.includes(name)));
  return sick.length > 0 ? sick : untold(desired, facts);
}

/** Members that answer, and do not tell their status. */
function untold(desired: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const names = observed(desired, facts)
    .answers.filter(({ found }) => found?.etcd.status === undefined)
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      kind: 'size-untold',
      about: names,
      sentence: `${names.join(', ')}: does not say how large its database is`,
      next: [remedy`see why: ${provision('status', INVENTORY)}`],
    },
  ];
}
