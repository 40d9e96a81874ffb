import type { ClusterFacts } from '../facts/cluster.ts';
import type { ConsumerFacts } from '../facts/consumer.ts';
import type { MemberFacts } from '../facts/member.ts';
import { isSeen } from '../facts/unreachable.ts';

type Members = Pick<ClusterFacts, 'members'>;

/** What was found on a member's host; undefined where it could not be asked, or was not. */
export function foundOf({ members }: Members, name: string): MemberFacts | undefined {
  const look = members.get(name);
  return isSeen(look) ? look : undefined;
}

/** What was found on a consumer's host; undefined where it could not be asked, or was not. */
export function foundConsumer(
  { consumers }: Pick<ClusterFacts, 'consumers'>,
  name: string,
): ConsumerFacts | undefined {
  const look = consumers.get(name);
  return isSeen(look) ? look : undefined;
}

/** The members whose hosts told something, with what they told. */
export function foundMembers({ members }: Members): readonly (readonly [string, MemberFacts])[] {
  return [...members].flatMap(([name, look]) => (isSeen(look) ? [[name, look] as const] : []));
}

/** The same without the names. */
export function allFound(facts: Members): readonly MemberFacts[] {
  return foundMembers(facts).map(([, found]) => found);
}

/** The facts with every member that told something seen differently. */
export function withFound<Facts extends Members>(
  facts: Facts,
  change: (found: MemberFacts, name: string) => MemberFacts,
): Facts {
  const members = [...facts.members].map(
    ([name, look]) => [name, isSeen(look) ? change(look, name) : look] as const,
  );
  return { ...facts, members: new Map(members) };
}

/** Whether there was no way to ask a member: then nothing is known of its health. */
export function couldNotBeAsked({ etcd }: Pick<MemberFacts, 'etcd'>): boolean {
  return !etcd.healthy && etcd.unasked !== undefined;
}
