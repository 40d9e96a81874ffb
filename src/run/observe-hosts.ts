import type { DesiredMember } from '../desired/cluster.ts';
import type { DesiredConsumer } from '../desired/consumers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { lookAt, lookAtMembers } from '../facts/gather.ts';
import { isSeen, type Look } from '../facts/unreachable.ts';
import type { Host } from '../host/host.ts';
import { type Needs, requireSeen } from './needs.ts';
import type { Session } from './session.ts';

/** The hosts that are looked at, and which of them must be seen. */
type Reached = Pick<Session, 'desired' | 'hosts'> &
  Partial<Pick<Session, 'consumers' | 'unreachable'>> & { readonly needs: Needs };

/** What is asked of each member's host, and of each consumer's, where that is more than `observe` asks. */
interface Questions<OfMember extends object, OfConsumer extends object> {
  readonly member: (host: Host, member: DesiredMember) => Promise<OfMember>;
  readonly consumer?: (host: Host, consumer: DesiredConsumer) => Promise<OfConsumer>;
}

/**
 * Asks every host something of its own, side by side. One that cannot be asked costs nobody else's answers. Throws a Failure
 * for those that are needed and could not be asked.
 */
export async function observeHosts<OfMember extends object, OfConsumer extends object = never>(
  { desired, hosts, consumers = new Map(), unreachable = new Map(), needs }: Reached,
  { member: ofMember, consumer: ofConsumer }: Questions<OfMember, OfConsumer>,
): Promise<{
  readonly members: ReadonlyMap<string, Look<OfMember>>;
  readonly consumers: ReadonlyMap<string, Look<OfConsumer>>;
}> {
  const [members, others] = await Promise.all([
    Promise.all(
      desired.members.map(async (one) => {
        const look = await lookAt({ hosts, unreachable }, one.name, (host) => ofMember(host, one));
        return [one.name, look] as const;
      }),
    ),
    Promise.all(
      desired.consumers.flatMap((one) => {
        if (ofConsumer === undefined) return [];
        const reach = { hosts: consumers, unreachable };
        const look = lookAt(reach, one.name, (host) => ofConsumer(host, one));
        return [look.then((found) => [one.name, found] as const)];
      }),
    ),
  ]);
  const seen = { members: new Map(members), consumers: new Map(others) };
  requireSeen(seen, needs);
  return seen;
}

/** The same of members alone, with the answers of those that gave one. */
export async function askEachMember<Answer extends object>(
  reached: Reached,
  ask: (host: Host, member: DesiredMember) => Promise<Answer>,
): Promise<ReadonlyMap<string, Answer>> {
  const { members } = await observeHosts(reached, { member: ask });
  return new Map([...members].flatMap(([name, look]) => (isSeen(look) ? [[name, look]] : [])));
}

/** What `observe` sees of the members' hosts, for who asks nothing else. */
export async function observeMembers({
  needs,
  store,
  ...reached
}: Reached & Pick<Session, 'store'>): Promise<ClusterFacts['members']> {
  const { desired, ...reach } = reached;
  const members = await lookAtMembers({ ...reach, store }, desired);
  requireSeen({ members, consumers: new Map() }, needs);
  return members;
}
