import { whyNotOpen } from '../../apply/gates/doubts.ts';
import { askLinks } from '../../apply/gates/peer-connectivity.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { allWell } from '../../plan/gate.ts';
import type { Session } from '../../run/session.ts';

/** Whether all members answer and agree, and each is known to reach every other one. */
export async function isWhole(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  members: ClusterFacts['members'],
): Promise<boolean> {
  const all = await Promise.all(
    desired.members.map(async (member) => {
      const { name } = member;
      const host = hosts.get(name);
      const etcd = foundOf({ members }, name)?.etcd;
      if (host === undefined || !etcd?.healthy) return [];
      const links = await askLinks(member, host, { desired, store });
      return links === undefined ? [] : [[name, { ...etcd, links }] as const];
    }),
  );
  const gates = allWell(desired.members.map(({ name }) => name));
  return all.every((one) => one.length > 0) && whyNotOpen(gates, new Map(all.flat())).length === 0;
}
