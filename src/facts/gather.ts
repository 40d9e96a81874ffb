import type { Binary } from '../binaries/binary.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';
import type { ClusterFacts } from './cluster.ts';
import { gatherConsumer } from './consumer.ts';
import { withReportedMembership } from './etcd/reported-membership.ts';
import { answeringStill, gatherMember, type MemberFacts } from './member.ts';
import { observePki } from './pki.ts';
import type { Look } from './unreachable.ts';

/** Where hosts are looked at. */
export interface ReachedHosts {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Directory of the PKI store. */
  readonly store: string;
  /** Why there is no connection to some. */
  readonly unreachable?: ReadonlyMap<string, Failure>;
  /** What was seen of a member's host moments ago, where that will do but for what its etcd says. */
  readonly seen?: (member: string) => Promise<MemberFacts | undefined>;
}

/**
 * Observes every host side by side, consumers where there is a connection to theirs, and the PKI store. A host that cannot
 * be asked is `Unreachable` and costs nobody else's facts: who decides says what has to be seen. Throws a Failure where the
 * store cannot be read or no programs are to be had.
 */
export async function gatherFacts(
  reach: ReachedHosts,
  desired: DesiredCluster,
  binaries: Promise<readonly Binary[]>,
): Promise<ClusterFacts> {
  const [members, consumers, pki, programs] = await Promise.all([
    lookAtMembers(reach, desired),
    Promise.all(
      desired.consumers.flatMap((consumer) => {
        const host = reach.hosts.get(consumer.name);
        if (host === undefined) return [];
        const look = asLook(gatherConsumer(host, consumer));
        return [look.then((found) => [consumer.name, found] as const)];
      }),
    ),
    observePki(reach.store),
    binaries,
  ]);
  return {
    ...{ members, consumers: new Map(consumers) },
    ...{ ...pki, binaries: programs, now: new Date() },
  };
}

/** Looks at every member's host side by side, in the order of the inventory, those that are to leave last. */
export async function lookAtMembers(
  reach: ReachedHosts,
  desired: DesiredCluster,
): Promise<ClusterFacts['members']> {
  const looks = [...desired.members, ...(desired.outgoing ?? [])].map(
    async (member): Promise<readonly [string, Look<MemberFacts>]> => {
      const look = await lookAt(reach, member.name, (host) =>
        askMember(host, desired, member, reach.store, reach.seen),
      );
      return [member.name, look];
    },
  );
  return new Map(await Promise.all(looks));
}

/** What a member's host tells, with the membership as its etcd holds it. Throws when the host cannot be asked. */
export async function askMember(
  host: Host,
  desired: DesiredCluster,
  member: DesiredMember,
  store: string,
  seen?: ReachedHosts['seen'],
): Promise<MemberFacts> {
  const before = await seen?.(member.name);
  const still = before && (await answeringStill(host, desired, member, store, before));
  const facts = still ?? (await gatherMember(host, desired, member, store));
  return withReportedMembership(host, member, facts, store);
}

/** What one host tells, or why it cannot be asked. */
export async function lookAt<Facts extends object>(
  { hosts, unreachable }: Pick<ReachedHosts, 'hosts' | 'unreachable'>,
  name: string,
  ask: (host: Host) => Promise<Facts>,
): Promise<Look<Facts>> {
  const host = hosts.get(name);
  if (host !== undefined) return asLook(ask(host));
  const failure = new Failure('unreachable', `${name}: not connected`, {
    next: [remedy`see that the host is up and reachable by SSH`],
  });
  return { unreachable: unreachable?.get(name) ?? failure };
}

async function asLook<Facts extends object>(look: Promise<Facts>): Promise<Look<Facts>> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof Failure) return { unreachable: error };
    throw error;
  }
}
