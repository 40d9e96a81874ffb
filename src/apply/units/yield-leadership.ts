import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { readMemberList } from '../../etcd/answers.ts';
import { leads } from '../../etcd/leader.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { askStatus } from '../../facts/etcd/ask-status.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';

/** Moves leadership from this member to another voter that is none of `except`, by their ids, if this member leads. */
export async function yieldLeadership(
  host: Host,
  places: OwnPlaces,
  except: readonly string[] = [],
): Promise<void> {
  const own = ownEtcd(places);
  const [{ status }, list] = await Promise.all([
    askStatus(host, places),
    host.run(ownEtcdctl(own, ['member', 'list', '-w', 'json'])),
  ]);
  // A member that does not answer leads nobody.
  if (status === undefined || !leads(status) || list.exitCode !== 0) return;

  const successor = readMemberList(list.stdout).members.find(
    ({ id, name, isLearner }) =>
      id !== status.memberId && name !== '' && !isLearner && !except.includes(id),
  );
  if (successor === undefined) return;
  await must(host, 'hand leadership over', ownEtcdctl(own, ['move-leader', successor.id]));
}
