import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { quickDifference } from '../facts/etcd/quick-hashes.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { foundMembers } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import { stepsOf } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { compareData, NOT_COMPARED } from '../verify/compare-data.ts';
import { keepEach } from '../verify/hashes.ts';

/**
 * Makes sure that members which are about to be restarted one after another hold the same data: a restart moves leader and
 * clients, and what one member alone holds may be lost by it. Throws a Failure (refused); asks nothing where the plan
 * restarts no member.
 */
export async function refuseDifferentData(
  named: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ClusterFacts,
  plan: Plan,
  store: string,
): Promise<void> {
  const desired = { ...named, members: [...named.members, ...(named.outgoing ?? [])] };
  const answering = observed(desired, facts).answers.map(({ name }) => name);
  const disarms = hasStep(plan, DISARMING);
  if (answering.length < 2 || !(stopsRunning(plan) || disarms)) return;
  const quick = await quickDifference(desired, hosts, new Map(foundMembers(facts)), store);
  if (quick === 'same') return;
  if (quick !== 'unknown')
    throw new Failure('refused', `${desired.name}: ${quick.difference}`, {
      next: keepEach(answering),
    });
  // A large database, or one whose gateway does not answer.
  try {
    const compared = await compareData(desired, hosts, facts);
    if (compared === 'denied' && disarms) throw undecided(desired);
    if (compared === 'denied') console.error(NOT_COMPARED);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason === 'refused' || disarms) throw error;
    console.error(`warning: members' data was not compared: ${error.message}`);
  }
}

/** An alarm of corruption is ended only where those that stay are known to hold the same. */
function undecided({ name }: DesiredCluster): Failure {
  const user = 'healthcheck-client';
  const asRoot = (...words: readonly string[]) =>
    provision('etcdctl', INVENTORY, '--', '--user', 'root', 'user', ...words);
  return new Failure(
    'refused',
    `${name}: the corruption alarm stays: etcd's authentication is on and the certificate ${user} is not a user with the role root, so what members hold cannot be compared`,
    {
      next: [
        remedy`where there is no such user: ${asRoot('add', user, '--no-password')}; then ${asRoot('grant-role', user, 'root')}; then run the same command again`,
      ],
    },
  );
}

/** What takes a member away from those that answer: what it alone holds may be lost by it. */
const STOPPING: ReadonlySet<string> = new Set([
  ...['restart-unit', 'stop-unit', 'remove-member', 'reboot-host'],
]);

/** What ends the alarm by which etcd said that members differ. */
const DISARMING: ReadonlySet<string> = new Set(['forget-alarms']);

/** Whether a plan stops or removes members. */
export function stopsRunning(plan: Pick<Plan, 'waves'>): boolean {
  return hasStep(plan, STOPPING);
}

function hasStep({ waves }: Pick<Plan, 'waves'>, kinds: ReadonlySet<string>): boolean {
  return waves.some(({ lanes }) => stepsOf(lanes).some(({ kind }) => kinds.has(kind)));
}
