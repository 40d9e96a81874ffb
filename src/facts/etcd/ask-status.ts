import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { type EndpointStatus, readEndpointStatus } from '../../etcd/answers.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import type { Host, Result } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';

/** What a member says of itself. */
export interface ToldStatus {
  /** Undefined where it does not say. */
  readonly status: EndpointStatus | undefined;
  /** What etcdctl said. */
  readonly result: Result;
}

/** Asks a member's etcd on its own host what it says of itself. Throws a Failure where the host cannot be asked. */
export async function askStatus(host: Host, own: OwnPlaces): Promise<ToldStatus> {
  const asked = ownEtcdctl(ownEtcd(own), ['endpoint', 'status', '-w', 'json']);
  const result = await host.run(asked, { deadline: 30 });
  const [status] = result.exitCode === 0 ? readEndpointStatus(result.stdout) : [];
  return { status, result };
}

/** The same, where it must say. Throws a HostError with what it was asked for where it does not. */
export async function statusFor(
  host: Host,
  own: OwnPlaces,
  purpose: string,
): Promise<EndpointStatus> {
  const { status, result } = await askStatus(host, own);
  if (status === undefined) throw new HostError(host.name, purpose, result);
  return status;
}
