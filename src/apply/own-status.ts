import { type OwnPlaces, ownEtcd } from '../desired/access.ts';
import { type EndpointStatus, readEndpointStatus } from '../etcd/answers.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';

/** What a member says of itself, asked on its host. Throws a HostError where it does not. */
export async function ownStatus(host: Host, own: OwnPlaces): Promise<EndpointStatus> {
  const asked = ownEtcdctl(ownEtcd(own), ['endpoint', 'status', '-w', 'json']);
  const result = await host.run(asked, { deadline: 20 });
  const [status] = result.exitCode === 0 ? readEndpointStatus(result.stdout) : [];
  if (status === undefined) throw new HostError(host.name, 'ask how large its database is', result);
  return status;
}
