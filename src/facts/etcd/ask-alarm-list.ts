import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import type { Host } from '../../host/host.ts';

/** What `etcdctl alarm list` on a member's host says, a line for each alarm; nothing where it says nothing. */
export async function askAlarmList(host: Host, places: OwnPlaces): Promise<readonly string[]> {
  const asked = ownEtcdctl(ownEtcd(places), ['alarm', 'list']);
  const { exitCode, stdout } = await host.run(asked, { deadline: 20 });
  return exitCode === 0 && stdout.trim() !== '' ? stdout.trim().split('\n') : [];
}
