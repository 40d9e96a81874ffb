import type { Binary } from '../binaries/binary.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import type { ClusterFacts } from './cluster.ts';
import { gatherConsumer } from './consumer.ts';
import { gatherMember } from './member.ts';
import { observePki } from './pki.ts';
import { withReportedMembership } from './reported-membership.ts';

/**
 * Observes every host side by side, consumers where there is a connection to theirs, and the PKI store. Throws one Failure that names every host that could not be asked:
 * deciding from a part of the facts would be guessing. Members that are `unreachable` are left out: the caller knows what
 * it decides without them.
 */
export async function gatherFacts(
  hosts: ReadonlyMap<string, Host>,
  desired: DesiredCluster,
  storeDirectory: string,
  binaries: Promise<readonly Binary[]>,
  unreachable: ReadonlyMap<string, unknown> = new Map(),
): Promise<ClusterFacts> {
  const [members, consumers, pki, programs] = await Promise.all([
    Promise.allSettled(
      desired.members
        .filter(({ name }) => !unreachable.has(name))
        .map(async (member) => {
          const host = hosts.get(member.name);
          if (host === undefined) throw new TypeError(`no connection to ${member.name}`);
          const found = await gatherMember(host, desired, member, storeDirectory);
          return [
            member.name,
            await withReportedMembership(host, member, found, storeDirectory),
          ] as const;
        }),
    ),
    Promise.allSettled(
      desired.consumers.flatMap((consumer) => {
        const host = hosts.get(consumer.name);
        if (host === undefined) return [];
        return [gatherConsumer(host, consumer).then((found) => [consumer.name, found] as const)];
      }),
    ),
    observePki(storeDirectory),
    binaries,
  ]);

  throwTogether(
    [...members, ...consumers].flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
  );
  return {
    members: new Map(members.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))),
    consumers: new Map(consumers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))),
    ...{ ...pki, binaries: programs, now: new Date() },
  };
}
