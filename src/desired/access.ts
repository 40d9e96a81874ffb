import type { Access } from '../etcd/etcdctl.ts';
import type { OwnEtcd } from '../etcd/own-endpoint.ts';
import type { DesiredCluster } from './cluster.ts';
import { programsAt } from './programs.ts';

/** How a member's host asks its own etcd. */
export function ownEtcd({ unit, paths }: Pick<DesiredCluster, 'unit' | 'paths'>): OwnEtcd {
  return { unit, binDirectory: programsAt(paths), tls: clientPair(paths.pki) };
}

/** How etcdctl on a member's host reaches the given endpoints, all of the inventory's protocol. */
export function memberAccess(
  { paths, protocol }: Pick<DesiredCluster, 'paths' | 'protocol'>,
  endpoints: readonly string[],
): Access {
  return {
    binDirectory: programsAt(paths),
    endpoints,
    tls: protocol === 'http' ? undefined : clientPair(paths.pki),
  };
}

function clientPair(pki: string) {
  return {
    ca: `${pki}/ca.crt`,
    cert: `${pki}/healthcheck-client.crt`,
    key: `${pki}/healthcheck-client.key`,
  };
}
