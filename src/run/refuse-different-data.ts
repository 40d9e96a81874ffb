import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { quickDifference } from '../facts/etcd/quick-hashes.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { foundMembers } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import { stepsOf } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import { compareData, NOT_COMPARED } from '../verify/compare-data.ts';
import { keepEach } from '../verify/hashes.ts';

/**
 * Makes sure that members which are about to be restarted one after another hold the same data: a restart moves leader and
 * clients, and what one member alone holds may be lost by it. Throws a Failure (refused); asks nothing where the plan
 * restarts no member.
 */
export async function refuseDifferentData(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ClusterFacts,
  plan: Plan,
  store: string,
): Promise<void> {
  const answering = observed(desired, facts).answers.map(({ name }) => name);
  if (answering.length < 2 || !stopsRunning(plan)) return;
  const quick = await quickDifference(desired, hosts, new Map(foundMembers(facts)), store);
  if (quick === 'same') return;
  if (quick !== 'unknown')
    throw new Failure('refused', `${desired.name}: ${quick.difference}`, {
      next: keepEach(answering),
    });
  // A large database, or one whose gateway does not answer.
  try {
    if ((await compareData(desired, hosts, facts)) === 'denied') console.error(NOT_COMPARED);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason === 'refused') throw error;
    console.error(`warning: members' data was not compared: ${error.message}`);
  }
}

/** What takes a member away from those that answer: what it alone holds may be lost by it. */
const STOPPING: ReadonlySet<string> = new Set(['restart-unit', 'stop-unit', 'remove-member']);

/** Whether a plan stops or removes members. */
export function stopsRunning({ waves }: Pick<Plan, 'waves'>): boolean {
  return waves.some(({ lanes }) => stepsOf(lanes).some(({ kind }) => STOPPING.has(kind)));
}
