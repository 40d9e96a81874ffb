import type { DesiredCluster } from '../desired/cluster.ts';
import { isDenied } from '../etcd/denied.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { allFound } from '../observed/found.ts';
import { refuseUnequalHashes } from './hashes.ts';

/**
 * Makes sure that members hold the same data, where etcd lets that be asked. With its authentication on it does not
 * unless the members' own client certificate is a user with the role root: then this is `denied`. Throws a Failure.
 */
export async function compareData(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ClusterFacts,
): Promise<'same' | 'denied'> {
  const healthy = allFound(facts).filter(({ etcd }) => etcd.healthy);
  // Late patches of 3.5 do not say their status to strangers either; a read that is denied counts as answered.
  if (healthy.length > 0 && healthy.every(({ etcd }) => etcd.status === undefined)) return 'denied';
  try {
    await refuseUnequalHashes(desired, hosts, facts);
    return 'same';
  } catch (error) {
    if (error instanceof Failure && isDenied(`${error.message}\n${error.log ?? ''}`))
      return 'denied';
    throw error;
  }
}

/** What is said where data could not be compared. */
export const NOT_COMPARED =
  "note: etcd's authentication is on and the certificate healthcheck-client is not a user with the role root, so members' data was not compared";
