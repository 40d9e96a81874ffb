import type { EtcdMember } from '../../etcd/answers.ts';
import { describeQuorum, quorumOf, quorumWithout } from '../../etcd/quorum.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

/**
 * The member that these words of etcdctl take out of the list, as an id of 16 hexadecimal digits. Several where the value
 * of an option, such as a password, could be an id too; none where they remove no member.
 */
export function removedMembers(words: readonly string[]): readonly string[] {
  const member = words.indexOf('member');
  const verb = words.indexOf('remove', member);
  if (member < 0 || verb < 0) return [];
  const ids = words.slice(verb + 1).filter((word) => /^[0-9a-f]{1,16}$/i.test(word));
  return ids.map((id) => id.toLowerCase().padStart(16, '0'));
}

/**
 * Why a member must not be taken out of the list that etcd holds, seen from who answers; undefined where it may. Those that
 * only may answer are left in, and are not counted on.
 */
export function removalProblem(
  id: string,
  list: readonly EtcdMember[],
  answering: ReadonlySet<string>,
  mayAnswer: ReadonlySet<string> = new Set(),
): Problem | undefined {
  const now = quorumOf(list, answering);
  const doctor = remedy`${provision('doctor', INVENTORY)} says why, and what to do`;
  if (list.length === 0)
    return {
      kind: 'no-list',
      about: [],
      sentence:
        'members must not be removed now: none that answers tells who they are, so who is needed cannot be told',
      next: [doctor],
    };
  const found = list.find((one) => one.id === id);
  // etcd says itself that it does not know it.
  if (found === undefined) return undefined;
  const who = `member ${id}${found.name === '' ? '' : ` (${found.name})`}`;
  if (now.spare < 0)
    return {
      kind: 'quorum-at-risk',
      about: [found.name || id],
      sentence: `${who} must not be removed now: ${describeQuorum(now)}`,
      next: [doctor],
    };
  const left = quorumWithout(list, new Set([id]), answering);
  const without = `without it ${describeQuorum(left)}`;
  if (left.spare < 0)
    return {
      kind: 'quorum-at-risk',
      about: [found.name || id],
      sentence: `${who} is needed: ${without}`,
      next: [
        remedy`leave it in, and bring the others back first: ${provision('doctor', INVENTORY)}`,
      ],
    };
  if (!answering.has(id) && !mayAnswer.has(id)) return undefined;
  const how = answering.has(id)
    ? 'answers, so it is not lost'
    : 'may be alive: something answers at its client URL';
  return {
    kind: 'quorum-at-risk',
    about: [found.name || id],
    sentence: `${who} ${how}; ${without}`,
    next: [
      remedy`leave it in; if it is to leave the cluster although it answers: add --force before the --`,
    ],
  };
}
