import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { readEndpointStatus, readMemberList } from '../../etcd/answers.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';

/** Moves leadership from this member to another voter, if this member leads. */
export async function yieldLeadership(host: Host, places: OwnPlaces): Promise<void> {
  const own = ownEtcd(places);
  const ask = (...args: string[]) => host.run(ownEtcdctl(own, args));
  const [status, list] = await Promise.all([
    ask('endpoint', 'status', '-w', 'json'),
    ask('member', 'list', '-w', 'json'),
  ]);
  // A member that does not answer leads nobody.
  if (status.exitCode !== 0 || list.exitCode !== 0) return;

  const [mine] = readEndpointStatus(status.stdout);
  if (mine === undefined || mine.leader !== mine.memberId) return;
  const successor = readMemberList(list.stdout).members.find(
    ({ id, name, isLearner }) => id !== mine.memberId && name !== '' && !isLearner,
  );
  if (successor === undefined) return;
  await must(host, 'hand leadership over', ownEtcdctl(own, ['move-leader', successor.id]));
}
