import { peerListener } from '../../desired/setting.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type ClosedWay, closedWays } from '../../facts/etcd/closed-ways.ts';
import { type Dialled, dialPeers } from '../../facts/etcd/dial-peers.ts';
import { observed } from '../../observed/observed.ts';
import { joiningMembers } from '../../plan/membership/joining.ts';
import type { Session } from '../../run/session.ts';

/**
 * The closed ways between the members and each newcomer that `up` would add, which does not run yet: what `up` asks right
 * before it adds one. Nobody is dialled where there is none.
 */
export async function closedToNewcomers(
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: ClusterFacts,
): Promise<ReadonlyMap<string, readonly ClosedWay[]>> {
  const { members } = observed(desired, facts);
  const joining = new Set(
    joiningMembers(desired, facts).flatMap(({ name, listed }) =>
      listed === undefined ? [name] : [],
    ),
  );
  const newcomers = members.filter(
    ({ name, runs, found }) => joining.has(name) && !runs && found !== undefined,
  );
  if (newcomers.length === 0) return new Map();
  const all = [...newcomers, ...members.filter(({ runs }) => runs)].map(
    ({ name, desired: member }): Dialled => ({
      ...{ name, peerUrl: member.peerUrl, listen: peerListener(member) },
    }),
  );
  const reached = all.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const isFree = ({ name }: { readonly name: string }) =>
    newcomers.some(
      ({ name: own, desired: { listener }, found }) =>
        own === name && !found?.listeners.some(({ port }) => port === listener.ports.peer),
    );
  const dials = await dialPeers(all, reached, (name) => !isFree({ name }), 1);
  return new Map(newcomers.map(({ name }) => [name, closedWays(name, dials)]));
}
