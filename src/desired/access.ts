import type { Access } from '../etcd/etcdctl.ts';
import type { OwnEtcd } from '../etcd/own-endpoint.ts';
import type { DesiredCluster, DesiredPaths } from './cluster.ts';
import { type ProgramPaths, programsAt } from './programs.ts';

/** What a member's host has for asking its own etcd. */
export interface OwnPlaces {
  readonly unit: string;
  readonly paths: ProgramPaths & Pick<DesiredPaths, 'pki'>;
}

/** The same of a whole cluster, and nothing else of it. */
export function ownPlaces({ unit, paths }: OwnPlaces): OwnPlaces {
  const { current, binaries, formerLink, unitFile, pki } = paths;
  return { unit, paths: { current, binaries, formerLink, unitFile, pki } };
}

/** How a member's host asks its own etcd. */
export function ownEtcd({ unit, paths }: OwnPlaces): OwnEtcd {
  return { unit, binDirectory: programsAt(paths), tls: clientPair(paths.pki) };
}

/** How etcdctl on a member's host reaches the given endpoints, all of the inventory's protocol. */
export function memberAccess(
  { paths, protocol }: Pick<OwnPlaces, 'paths'> & Pick<DesiredCluster, 'protocol'>,
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
