import type { Timing } from '../apply/timing.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { count } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';

/** How a run of `up` ended, for people and machines. */
export interface Outcome {
  readonly cluster: string;
  readonly clusterId: string;
  readonly leader: string;
  readonly members: readonly {
    readonly name: string;
    readonly id: string;
    readonly version: string;
  }[];
  readonly changes: string;
  readonly changed: boolean;
  readonly seconds: number;
  readonly slowest: Timing | undefined;
}

/** The outcome from what was done and what was found afterwards. */
export function outcomeOf(
  plan: Plan,
  timings: readonly Timing[],
  facts: ClusterFacts,
  seconds: number,
): Outcome {
  const members = [...facts.members].map(([name, { etcd }]) => ({
    name,
    id: etcd.status?.memberId ?? '',
    version: etcd.status?.version ?? '',
  }));
  const status = [...facts.members.values()][0]?.etcd.status;
  return {
    cluster: plan.cluster,
    clusterId: status?.clusterId ?? '',
    leader: members.find(({ id }) => id === status?.leader)?.name ?? '',
    members,
    changes: count(plan),
    changed: plan.waves.length > 0,
    seconds,
    slowest: timings.toSorted((a, b) => b.seconds - a.seconds)[0],
  };
}

/** The outcome in two lines. */
export function describeOutcome(outcome: Outcome): string {
  const { cluster, clusterId, leader, members, changes, changed, seconds, slowest } = outcome;
  const versions = [...new Set(members.map(({ version }) => version))].join(', ');
  const state = `${cluster} is up: ${members.length} member${members.length === 1 ? '' : 's'} of etcd ${versions} answer, leader ${leader}, cluster id ${clusterId}`;
  const work =
    changed && slowest !== undefined
      ? `${changes} in ${seconds.toFixed(1)} s; slowest: ${slowest.host} ${slowest.what}, ${slowest.seconds.toFixed(1)} s`
      : `nothing to do (${seconds.toFixed(1)} s)`;
  return `${state}\n${work}`;
}
