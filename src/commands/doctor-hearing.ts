import { whyNotOpen } from '../apply/gate.ts';
import { askLinks } from '../apply/links.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { Session } from './session.ts';

/** Seconds after a start in which members still speak of each other as they were before. */
const SETTLING = 10;

/**
 * For how many seconds back the journals of members that serve tell of today's trouble: where all of them answer and reach
 * each other, what one said before the last of them started has passed. Nothing where that is not so, or not known.
 */
export async function secondsHeard(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  members: ReadonlyMap<string, MemberFacts>,
): Promise<number | undefined> {
  const all = await Promise.all(
    desired.members.map(async ({ name }) => {
      const host = hosts.get(name);
      const found = members.get(name);
      if (host === undefined || !found?.etcd.healthy) return undefined;
      const links = await askLinks(name, host, { desired, store });
      return links && ([name, { ...found, links }] as const);
    }),
  );
  const linked = all.flatMap((one) => (one === undefined ? [] : [one]));
  const gate = linked.map(([name, { etcd, links }]) => [name, { ...etcd, links }] as const);
  if (linked.length < all.length || whyNotOpen(new Map(gate)).length > 0) return undefined;
  const ages = linked.map(([, { machine, unit }]) => machine.clock - (unit.startedAt ?? 0));
  return Math.max(0, Math.floor(Math.min(...ages) - SETTLING));
}
