import { stalls, type Timing } from '../apply/timing.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { foundMembers } from '../observed/found.ts';
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
  /** Seconds for which writes may have stood still, each time a member was restarted and no other could take them. */
  readonly stalls: readonly number[];
}

/** The outcome from what was done and what was found afterwards. */
export function outcomeOf(
  plan: Plan,
  timings: readonly Timing[],
  facts: ClusterFacts,
  seconds: number,
): Outcome {
  const answering = foundMembers(facts).filter(([, { etcd }]) => etcd.healthy);
  const members = answering.map(([name, { etcd, data }]) => ({
    name,
    id: etcd.status?.memberId ?? data?.wal?.memberId ?? '',
    version: etcd.status?.version ?? '',
  }));
  const [[, first] = []] = answering;
  const status = first?.etcd.status;
  return {
    cluster: plan.cluster,
    clusterId: status?.clusterId ?? first?.data?.wal?.clusterId ?? '',
    leader: members.find(({ id }) => id === status?.leader)?.name ?? '',
    members,
    changes: count(plan),
    changed: plan.waves.length > 0,
    seconds,
    slowest: timings.toSorted((a, b) => b.seconds - a.seconds)[0],
    stalls: members.length < 3 ? stalls(timings) : [],
  };
}

/** The outcome in two lines. */
export function describeOutcome(outcome: Outcome): string {
  const { cluster, clusterId, leader, members, changes, changed, seconds, slowest } = outcome;
  const versions = [...new Set(members.map(({ version }) => version))]
    .filter((version) => version !== '')
    .join(', ');
  const who = `${members.length} member${members.length === 1 ? '' : 's'} of etcd`;
  // Late patches tell the rest to users only, where authentication is on.
  const told = versions === '' ? `${who} answer` : `${who} ${versions} answer, leader ${leader}`;
  const state = `${cluster} is up: ${told}, cluster id ${clusterId}`;
  const work =
    changed && slowest !== undefined
      ? `${changes} in ${seconds.toFixed(1)} s; slowest: ${slowest.host} ${slowest.what}, ${slowest.seconds.toFixed(1)} s`
      : `nothing to do (${seconds.toFixed(1)} s)`;
  const lines = [state, work];
  if (outcome.stalls.length > 0) {
    const longest = Math.max(...outcome.stalls).toFixed(1);
    const times = outcome.stalls.length === 1 ? 'once' : `${outcome.stalls.length} times`;
    lines.push(`no writes were taken while a member restarted: ${times}, ${longest} s at most`);
  }
  return lines.join('\n');
}
