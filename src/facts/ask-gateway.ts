import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { readMemberList, readMemberStatus } from '../etcd/answers.ts';
import { gatewayRequests } from '../etcd/gateway.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { readCaCertificate, readPair } from '../pki/store.ts';
import type { EtcdFact } from './etcd.ts';
import { askOver, type Credentials } from './http-port.ts';
import type { UnitFact } from './unit.ts';

/** For each answer: enough for a distant host, and all that is lost where etcdctl must be asked in the end. */
const SECONDS = 1;

/**
 * Asks a member about itself through etcd's gRPC gateway at its client port, as the admin: three programs less for its
 * host to start. Gives nothing where any of it goes wrong, from a member that is down to one whose certificate does not
 * fit or that has no gateway; `askEtcd` tells why.
 */
export async function askGateway(
  host: Host,
  { protocol, version }: Pick<DesiredCluster, 'protocol' | 'version'>,
  { clientUrl, listener }: Pick<DesiredMember, 'clientUrl' | 'listener'>,
  store: string,
): Promise<EtcdFact | undefined> {
  try {
    const credentials = protocol === 'http' ? undefined : await adminFor(listener.address, store);
    const dial = () => host.dial(listener.address, listener.ports.client);
    const answers = await askOver(dial, gatewayRequests(version), credentials, SECONDS);
    const [status, members, read] = answers ?? [];
    if (status === undefined || members === undefined || read === undefined) return undefined;
    return {
      healthy: true,
      complaint: undefined,
      members: readMemberList(members.text),
      status: readMemberStatus(clientUrl, status.text),
    };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/**
 * Whether it is the unit's own process that answers where a member is dialled: another host may have its address by now,
 * with another member behind it.
 */
export function listensThere(
  { process }: Pick<UnitFact, 'process'>,
  { protocol }: Pick<DesiredCluster, 'protocol'>,
  { listener }: Pick<DesiredMember, 'listener'>,
): boolean {
  const { address, ports } = listener;
  const urls = process?.environment.get('ETCD_LISTEN_CLIENT_URLS')?.split(',') ?? [];
  const hosts = [address.includes(':') ? `[${address}]` : address, '0.0.0.0', '[::]'];
  return hosts.some((one) => urls.includes(`${protocol}://${one}:${ports.client}`));
}

async function adminFor(address: string, store: string): Promise<Credentials> {
  const [pair, bundle] = await Promise.all([readPair(store, 'admin'), readCaCertificate(store)]);
  return { pair, ca: { bundle, address } };
}
