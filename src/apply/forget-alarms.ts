import { type OwnPlaces, ownEtcd } from '../desired/access.ts';
import { readAlarms } from '../etcd/alarms.ts';
import { readMemberList } from '../etcd/answers.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';

/**
 * Disarms alarms about members that are not in the cluster. A snapshot brings those that were raised when it was taken
 * (etcd keeps them in the database), and the members they name are no more; one about a member of this cluster stays.
 * Throws a Failure.
 */
export async function forgetAlarms(host: Host, places: OwnPlaces): Promise<void> {
  const own = ownEtcd(places);
  const { stdout } = await must(host, 'list its alarms', ownEtcdctl(own, ['alarm', 'list']));
  const named = readAlarms(stdout);
  if (named.length === 0) return;
  const list = await must(
    host,
    'list the members',
    ownEtcdctl(own, ['member', 'list', '-w', 'json']),
  );
  const members = readMemberList(list.stdout).members.map(({ id }) => id);
  if (named.some(({ memberId }) => members.includes(memberId))) return;
  await must(host, 'disarm alarms of former members', ownEtcdctl(own, ['alarm', 'disarm']));
}
