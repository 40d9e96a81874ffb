import type { ClusterFacts } from '../facts/cluster.ts';
import { allFound } from '../observed/found.ts';

/** Words of etcdctl that let it change the membership: with authentication on, only a user with the role root may. */
export function rootUser(facts: Pick<ClusterFacts, 'members'>): readonly string[] {
  return allFound(facts).some(({ etcd }) => etcd.asksForUser === true) ? ['--user', 'root'] : [];
}
