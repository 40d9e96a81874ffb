import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { type Alarm, OF_NOBODY, readAlarms } from '../../etcd/alarms.ts';
import { readMemberList } from '../../etcd/answers.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

/**
 * Disarms alarms about members that are not in the cluster. A snapshot brings those that were raised when it was taken
 * (etcd keeps them in the database), and a member that was removed leaves its own, or one that names nobody: those are
 * `ended`. One of corruption about a member of this cluster stays. etcdctl disarms all at once: what is full raises its alarm
 * again with the next write. Throws a Failure.
 */
export async function forgetAlarms(
  host: Host,
  places: OwnPlaces,
  ended?: readonly string[],
): Promise<void> {
  const own = ownEtcd(places);
  const { stdout } = await must(host, 'list its alarms', ownEtcdctl(own, ['alarm', 'list']));
  const named = readAlarms(stdout);
  if (named.length === 0) return;
  const stay = await memberIds(host, places);
  const isLiving = ({ memberId }: Alarm) =>
    stay.includes(memberId) || (memberId === OF_NOBODY && ended?.includes(OF_NOBODY) === false);
  const living = named.filter(isLiving);
  if (living.length === named.length || (ended === undefined && living.length > 0)) return;
  if (living.some(({ kind }) => kind === 'CORRUPT'))
    throw new Failure(
      'refused',
      `${host.name}: a corruption alarm was raised meanwhile that is not of a member that has left, so none was disarmed`,
      { next: [remedy`${provision('doctor', INVENTORY)} says of which`] },
    );
  await must(host, 'disarm alarms of former members', ownEtcdctl(own, ['alarm', 'disarm']));
}

async function memberIds(host: Host, places: OwnPlaces): Promise<readonly string[]> {
  const words = ['member', 'list', '-w', 'json'];
  const list = await must(host, 'list the members', ownEtcdctl(ownEtcd(places), words));
  return readMemberList(list.stdout).members.map(({ id }) => id);
}
