import { changesMinor } from '../../etcd/upgrade-path.ts';
import { minorOf } from '../../etcd/versions.ts';
import { askClusterVersion } from '../../facts/ask-cluster-version.ts';
import { Failure } from '../../failure/failure.ts';
import type { HostStep } from '../../plan/step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Throws a Failure where any member says that the cluster has taken up the minor version: a program of the one before ends
 * at its start then (etcdserver, mustDetectDowngrade).
 */
export async function requireNotTakenUp(
  { version, members }: Extract<HostStep, { kind: 'require-not-taken-up' }>,
  { hosts, store }: Pick<StepContext, 'hosts' | 'store'>,
): Promise<void> {
  const told = await Promise.all(
    members.map((member) => {
      const host = hosts.get(member.name);
      return host && askClusterVersion(host, member, store);
    }),
  );
  if (!told.some((one) => one !== undefined && !changesMinor(one, version))) return;
  throw new Failure(
    'failed',
    `the cluster has taken up ${minorOf(version)} by now, so the older program would not start any more`,
    { next: [remedy`see why the member does not come up: ${provision('doctor', INVENTORY)}`] },
  );
}
