import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../observer/kv-client.ts';
import { etcdCall } from '../observer/kv-client.ts';
import type { ForeignCluster } from './cluster.ts';
import { enable, untilServed } from './start.ts';

/**
 * Starts the first member alone, then has each further one added and started, as where hosts joined one by one; `write`
 * puts the files of the member at this place, from 0, on its host.
 */
export async function joinOneByOne(
  cluster: ForeignCluster,
  write: (at: number) => Promise<void>,
): Promise<ForeignCluster> {
  const [first] = cluster.clients;
  if (first === undefined) throw new TypeError('a cluster of nobody');
  for (const [at, member] of cluster.members.entries()) {
    if (at > 0) await added(first, member.peerUrl);
    await write(at);
    await enable(member.host, member.unit);
    await untilServed(upTo(cluster, at + 1));
  }
  return cluster;
}

const upTo = (cluster: ForeignCluster, count: number): ForeignCluster => ({
  ...cluster,
  members: cluster.members.slice(0, count),
  clients: cluster.clients.slice(0, count),
});

/** Adds a member; etcd takes none within the first seconds of another one. */
async function added(endpoint: Endpoint, peerUrl: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await etcdCall(endpoint, '/etcdserverpb.Cluster/MemberAdd', [[1, peerUrl]]);
      return;
    } catch (error) {
      if (tries === 60 || !/unhealthy cluster|not enough started/.test(String(error))) throw error;
      await sleep(500);
    }
  }
}
