import { askFromOutside, type WhoAnswers } from '../../facts/etcd/strangers.ts';
import { Failure } from '../../failure/failure.ts';
import { answeringIds } from '../../observed/membership.ts';
import { observed } from '../../observed/observed.ts';
import { removalProblem } from '../../plan/membership/member-removal.ts';
import { observeMembers } from '../../run/observe-hosts.ts';
import type { Session } from '../../run/session.ts';

/**
 * Throws a Failure (refused) where a member with one of these ids answers, or the quorum would be lost without it: etcd
 * itself takes it out of the list all the same, and cannot put it back.
 */
export async function guardRemoval(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  ids: readonly string[],
): Promise<void> {
  // With authentication on, etcd tells its list to users only, and to members at their peer ports. Whether one answers whose
  // host cannot be asked is asked from the others.
  const members = await observeMembers({ desired, hosts, store, needs: 'any-host' });
  const { list: held, answers: heard } = observed(desired, { members });
  const list = held?.members ?? [];
  const known = answeringIds({ members });
  const [asking] = heard;
  const from = asking && hosts.get(asking.name);
  const others = list.filter((one) => !known.has(one.id) && one.clientUrls.length > 0);
  const told = from === undefined ? new Map() : await askFromOutside(from, desired, others);
  const those = (who: WhoAnswers) => [...told].flatMap(([id, one]) => (one === who ? [id] : []));
  const answering = new Set([...known, ...those('itself')]);
  const mayAnswer = new Set(those('another'));
  const [problem] = ids.flatMap((id) => removalProblem(id, list, answering, mayAnswer) ?? []);
  if (problem === undefined) return;
  throw new Failure('refused', `${desired.name}: ${problem.sentence}`, { next: problem.next });
}
