import type { DesiredCluster } from '../desired/cluster.ts';
import { hasLearners } from '../etcd/versions.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { heldList } from '../observed/membership.ts';
import { remedy } from '../problem/remedy.ts';
import type { MemberPlan } from './member.ts';
import type { Joining } from './membership/joining.ts';
import type { Leaving } from './membership/leaving.ts';
import type { Refusal } from './plan.ts';
import { writesStopWith } from './policy.ts';
import { startsTogether } from './waves.ts';

/** Restarts that the cluster could take no writes meanwhile, unless somebody accepts that. */
export function downtime(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  {
    members,
    leaving,
    alive,
  }: {
    readonly members: readonly MemberPlan[];
    readonly leaving: readonly Leaving[];
    readonly alive: boolean;
  },
  allowed: boolean,
): readonly Refusal[] {
  const restarts = members.filter(
    (member) => member.restartBecause !== undefined && !startsTogether(member, alive),
  );
  const few =
    allowed || restarts.length === 0 ? undefined : writesStopWith(cluster, facts, leaving);
  if (few === undefined) return [];
  return [
    {
      kind: 'downtime',
      about: restarts.map(({ name }) => name),
      sentence: `${restarts.map(({ name, restartBecause }) => `${name} has to be restarted (${restartBecause})`).join('; ')}; ${few} the cluster takes no writes meanwhile`,
      next: [remedy`accept seconds without writes: add --allow-downtime`],
    },
  ];
}

/** Without learners the second member counts before it runs: if it does not start, nobody can take it back. */
export function secondVoter(
  { name, version }: DesiredCluster,
  facts: ClusterFacts,
  joining: readonly Joining[],
  allowed: boolean,
): readonly Refusal[] {
  const added = joining.find(({ listed }) => listed === undefined);
  const list = heldList(facts)?.members ?? [];
  if (allowed || added === undefined || list.length !== 1 || hasLearners(version)) return [];
  return [
    {
      kind: 'second-voter',
      about: [added.name],
      sentence: `${name}: etcd ${version} has no learners, so ${added.name} counts as soon as it is added: until it has started nobody takes writes, and if it does not start it cannot be taken out again`,
      next: [
        remedy`accept that: add --allow-downtime; what would keep it from starting is looked at before`,
      ],
    },
  ];
}
