import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { sameAddress } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, type SeenMember } from '../../observed/observed.ts';
import { setUpOf } from '../ownership/set-up.ts';
import { storedEntry, storedMembership } from './stored-membership.ts';

type Members = Pick<ClusterFacts, 'members'>;

/** Members of the inventory that the cluster never had, by its list or, where nobody tells it, by what its hosts hold. */
export function newcomers(cluster: DesiredCluster, facts: Members): readonly DesiredMember[] {
  const { list, members, seen } = observed(cluster, facts);
  if (list !== undefined)
    return members.filter(({ listed }) => listed === undefined).map(({ desired }) => desired);
  const stored = storedMembership(cluster, facts);
  const made = seen.flatMap(({ found }) => setUpOf(cluster, found) ?? []);
  const formed = made.filter((one) => one.formed && one.initialCluster.size > 0);
  if (formed.length === 0) return [];
  const isNew = ({ name, desired: { peerUrl }, found }: SeenMember) =>
    found.data?.used !== true &&
    setUpOf(cluster, found) === undefined &&
    (stored === undefined || storedEntry(stored, { name, peerUrl }) === undefined) &&
    !formed.some(
      ({ initialCluster }) =>
        initialCluster.has(name) ||
        [...initialCluster.values()].some((url) => sameAddress(url, peerUrl)),
    );
  return seen.filter(isNew).map(({ desired }) => desired);
}

/** The host of a URL, and its port. */
export function placeOf(url: string): { readonly host: string; readonly port: string } {
  const [, host = url, port = ''] = /^[a-z]+:\/\/(.*):(\d+)$/.exec(url) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), port };
}
