import { type Connection, connectionsWithin } from '../../facts/clients/connections.ts';
import { type Rejection, rejectionsSince } from '../../facts/clients/rejections.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { trustPath } from '../../pki/ca/ca-rotation.ts';
import { readCrl } from '../../pki/ca/revoke.ts';
import { handedOut, readIssued } from '../../pki/issue/issued.ts';
import { leftovers } from '../../plan/leftovers.ts';
import type { Follower, Followers } from '../../report/followers-text.ts';
import type { Session } from '../../run/session.ts';

/** A minute back in a log shows clients that try again only now and then. */
const BACK = 60;

/** Looks at client ports and logs for so many seconds, and at what the store remembers to have issued. */
export async function lookAtFollowers(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  facts: ClusterFacts,
  window: number,
): Promise<Followers> {
  const seen = await Promise.all(
    seenMembers(desired, facts).map(async ({ name, desired: { listener }, found }) => {
      const host = hosts.get(name);
      if (host === undefined) return { name, connections: [], rejections: [] };
      const { unit, paths } = desired;
      const place = { unit, link: paths.pki, port: listener.ports.client, seconds: window };
      const connections = await connectionsWithin(host, place);
      const since = logSince(found.unit.startedAt, found.machine.clock);
      return { name, connections, rejections: await rejectionsSince(host, unit, since) };
    }),
  );
  const [issued, crl] = await Promise.all([readIssued(store), readCrl(store)]);
  const revoked = new Set(crl?.fact.revoked.map(({ serial }) => serial.toLowerCase()));
  const former = facts.rotation.previous?.fact.fingerprint256;
  return {
    clients: followersOf(seen),
    window,
    issued: handedOut(issued, facts.store, revoked, facts.now).filter(({ ca }) => ca === former),
    stored: leftovers(desired, facts),
    trust: trustPath(store),
  };
}

/**
 * From which second on a log tells of the running process alone: the one after that in which it started (seconds since 1970;
 * systemd says no more), since its predecessor, which trusted other CAs, may have ended in the same.
 */
export function logSince(startedAt: number | undefined, now: number): number {
  return Math.max((startedAt ?? 0) + 1, Math.floor(now) - BACK);
}

/** Clients over all members, in the order of their names. */
function followersOf(
  seen: readonly {
    readonly name: string;
    readonly connections: readonly Connection[];
    readonly rejections: readonly Rejection[];
  }[],
): readonly Follower[] {
  const rows = seen.flatMap(({ name, connections, rejections }) => [
    ...connections.map(({ client, isOlder }) => ({
      ...{ client, name, why: undefined },
      ...{ proven: isOlder === false ? 1 : 0, unproven: isOlder === false ? 0 : 1 },
    })),
    ...rejections.map(({ address, why }) => ({
      ...{ client: address, name, why, proven: 0, unproven: 0 },
    })),
  ]);
  return [...new Set(rows.map(({ client }) => client))].sort().map((client) => {
    const mine = rows.filter((row) => row.client === client);
    return {
      client,
      members: [...new Set(mine.map(({ name }) => name))].sort(),
      proven: mine.reduce((sum, { proven }) => sum + proven, 0),
      unproven: mine.reduce((sum, { unproven }) => sum + unproven, 0),
      rejected: [...new Set(mine.flatMap(({ why }) => why ?? []))].sort(),
    };
  });
}

/** Clients that were seen and not proven to follow, without those that may be cut off. */
export function cutOff({ clients }: Followers, accepted: readonly string[]): readonly string[] {
  return clients
    .filter(({ unproven, rejected }) => unproven > 0 || rejected.length > 0)
    .map(({ client }) => client)
    .filter((client) => !accepted.some((one) => client === one || client.endsWith(`(${one})`)));
}
