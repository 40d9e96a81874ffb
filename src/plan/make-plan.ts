import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { Plan, PlannedCluster, Refusal, Wave } from './plan.ts';

/** A plan of these waves, with all that who does it has to know of the cluster. */
export function planOf(
  desired: DesiredCluster,
  waves: readonly Wave[],
  more: Pick<Plan, 'notes' | 'stopsAll' | 'without'> = {},
): Plan {
  const { name: cluster } = desired;
  return waves.length === 0
    ? { cluster, waves: [], ...more, refusals: [] }
    : { cluster, target: plannedCluster(desired), waves, ...more, refusals: [] };
}

/** A plan that does nothing, with why. */
export function refusedPlan(
  { name }: Pick<DesiredCluster, 'name'>,
  refusals: readonly Refusal[],
): Plan {
  return { cluster: name, waves: [], refusals };
}

function plannedCluster(desired: DesiredCluster): PlannedCluster {
  const { name, protocol, version, account, unit, paths, peerCa, certificates } = desired;
  return {
    ...{ name, protocol, version, account, unit, paths, certificates },
    ...(peerCa && { peerCa }),
    members: desired.members.map(plannedMember),
  };
}

function plannedMember(member: DesiredMember): PlannedCluster['members'][number] {
  const { name, peerUrl, clientUrl, listener, keys, unitFile } = member;
  return { name, peerUrl, clientUrl, listener, keys, unitFile };
}
