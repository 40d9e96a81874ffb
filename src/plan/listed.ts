import type { EtcdMember } from '../etcd/answers.ts';
import type { MemberFacts } from '../facts/member.ts';

/** A member as the membership has it, from whoever knows: by its id where it says it, else by its name. */
export function listedMember(
  name: string,
  members: ReadonlyMap<string, Pick<MemberFacts, 'etcd' | 'belief'>>,
): EtcdMember | undefined {
  const id = members.get(name)?.etcd.status?.memberId;
  const answering = [...members.values()].flatMap(({ etcd }) => etcd.members ?? []);
  const silent = [...members.values()].flatMap(({ belief }) => belief ?? []);
  return [...answering, ...silent]
    .flatMap((list) => list.members)
    .find((one) => (id === undefined ? one.name === name : one.id === id));
}
