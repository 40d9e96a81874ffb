import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { joiningMembers } from '../../plan/membership/joining.ts';
import type { Proposal } from '../../problem/problem.ts';
import { cures } from '../cures.ts';

/** The same, where the empty data directory of one that the answering cluster has removed is as it should be: `up` adds it. */
export function withoutMembership(
  desired: DesiredCluster,
  facts: ClusterFacts,
  diagnoses: readonly Proposal[],
): readonly Proposal[] {
  const unlisted = new Set(
    joiningMembers(desired, facts).flatMap(({ name, listed }) =>
      listed === undefined && foundOf(facts, name)?.data?.used !== true ? [name] : [],
    ),
  );
  return diagnoses.map((one) =>
    one.kind === 'data-gone' && one.about.every((name) => unlisted.has(name))
      ? {
          ...one,
          kind: 'not-member',
          sentence: "is not in etcd's list (it was removed from the cluster), and has no data",
          next: one.about.map((name) => cures.up(name, 'adds it as a new member')),
        }
      : one,
  );
}
