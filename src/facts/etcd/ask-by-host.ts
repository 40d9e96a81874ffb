import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import type { DesiredMember } from '../../desired/cluster.ts';
import type { Host } from '../../host/host.ts';
import { askAlarms } from './ask-alarms.ts';
import { askEtcd, type EtcdFact } from './etcd.ts';

/** Asks a member about itself by the programs on its host, and its /health for what etcd withholds from them. */
export async function askByHost(
  host: Host,
  cluster: OwnPlaces,
  member: Pick<DesiredMember, 'listener'>,
  store: string,
): Promise<EtcdFact> {
  const told = await askEtcd(host, ownEtcd(cluster));
  if (!told.healthy || told.status !== undefined) return told;
  return { ...told, alarmKinds: await askAlarms(host, member, store) };
}
