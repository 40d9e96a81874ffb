import { type Connection, connectionsWithin } from '../../facts/clients/connections.ts';
import { type Rejection, rejectionsSince } from '../../facts/clients/rejections.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { trustPath } from '../../pki/ca/ca-rotation.ts';
import { readCrl } from '../../pki/ca/revoke.ts';
import { handedOut, type Issued, readIssued } from '../../pki/issue/issued.ts';
import { leftovers } from '../../plan/leftovers.ts';
import type { Session } from '../../run/session.ts';

/** A minute back in a log shows clients that try again only now and then. */
const BACK = 60;

/** A client of the cluster, seen at the client ports or in the logs of members. */
export interface Follower {
  /** Its address; beside it the program, where it runs on a member's host. */
  readonly client: string;
  readonly members: readonly string[];
  /** Connections opened since the members show their present leaves: they prove that it trusts their CA. */
  readonly proven: number;
  /** Connections from before, which prove nothing. */
  readonly unproven: number;
  readonly rejected: readonly Rejection['why'][];
}

/** What can be seen of clients while two CAs are trusted. */
export interface Followers {
  readonly clients: readonly Follower[];
  /** For how long was looked, in seconds. */
  readonly window: number;
  /** Certificates handed out that come from the CA whose trust is to end. */
  readonly issued: readonly Issued[];
  /** What the store still has of that CA. */
  readonly stored: readonly string[];
  /** The bundle that clients should have. */
  readonly trust: string;
}

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

/** The same for people. */
export function describeFollowers({
  clients,
  window,
  issued,
  stored,
  trust,
}: Followers): readonly string[] {
  const told = clients.map((one) => `  ${describeClient(one)}`);
  return [
    told.length === 0
      ? `clients seen within ${window} s: none; one that connects later cannot be judged`
      : `clients seen within ${window} s:`,
    ...told,
    ...(issued.length === 0 && stored.length === 0
      ? []
      : ['certificates of the CA whose trust is to end, still valid:']),
    ...issued.map(
      ({ name, serial, at, where }) =>
        `  ${name}: serial ${serial.toLowerCase()}, issued ${at.slice(0, 10)} to ${where}`,
    ),
    ...stored.map((id) => `  ${id}: in the store, not in the inventory`),
    `what clients are to trust: ${trust}`,
  ];
}

function describeClient({ client, members, proven, unproven, rejected }: Follower): string {
  const count = (number: number) => `${number} connection${number === 1 ? '' : 's'}`;
  const sentences = [
    ...(unproven > 0
      ? [`${count(unproven)} from before the present certificates: not proven to trust their CA`]
      : []),
    ...(proven > 0 ? [`${count(proven)} opened since: trusts the CA that signs now`] : []),
    ...rejected.map((why) =>
      why === 'the client distrusts the member'
        ? 'rejected: does not trust the CA that signs now'
        : 'rejected: shows a certificate of a CA that is not trusted',
    ),
  ];
  return `${client} at ${members.join(', ')}: ${sentences.join('; ')}`;
}
