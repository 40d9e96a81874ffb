import { memberAccess } from '../../desired/access.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isDenied } from '../../etcd/denied.ts';
import { etcdctl } from '../../etcd/etcdctl.ts';
import { lookAtMembers } from '../../facts/gather.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { answeringIds } from '../../observed/membership.ts';
import { observed } from '../../observed/observed.ts';
import { removalProblem } from '../../plan/member-removal.ts';
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
  const members = await lookAtMembers({ hosts, store }, desired);
  const { list: held, answers: heard } = observed(desired, { members });
  const list = held?.members ?? [];
  const known = answeringIds({ members });
  const [asking] = heard;
  const from = asking && hosts.get(asking.name);
  const others = list.filter((one) => !known.has(one.id) && one.clientUrls.length > 0);
  const found = await Promise.all(
    others.map(async (one) => (from && (await answers(from, desired, one)) ? [one.id] : [])),
  );
  const answering = new Set([...known, ...found.flat()]);
  const [problem] = ids.flatMap((id) => removalProblem(id, list, answering) ?? []);
  if (problem === undefined) return;
  throw new Failure('refused', `${desired.name}: ${problem.sentence}`, { next: problem.next });
}

/** Whether a member answers another member's host, also where its own host cannot be asked or is not in the inventory. */
async function answers(
  host: Host,
  desired: Session['desired'],
  { clientUrls }: EtcdMember,
): Promise<boolean> {
  // In the dual-protocol stage members may be listed by the other protocol.
  const protocol = clientUrls.some((url) => url.startsWith('https:')) ? 'https' : 'http';
  const access = memberAccess({ ...desired, protocol }, clientUrls);
  const asked = await host.run(etcdctl(access, ['endpoint', 'status']));
  return asked.exitCode === 0 || isDenied(asked.stderr);
}
