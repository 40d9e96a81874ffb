import type { DesiredCluster } from '../../desired/cluster.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';

/** A TLS listener of a member, and the row of the certificate that it shows. */
export interface ProbedListener {
  readonly port: 'client' | 'peer';
  readonly row: 'server' | 'peer';
  readonly address: string;
  readonly number: number;
}

/** Proves something by fresh TLS handshakes with listeners of a member. */
export type ProbeStep = {
  readonly kind: 'probe-listeners';
  readonly because: string;
  readonly member: string;
  /** Only the listeners that trust this CA. */
  readonly authority?: Authority;
  readonly listeners: readonly ProbedListener[];
} & (
  | {
      readonly proof: 'new-leaves-served';
      /** Whether the keys of what it shows are in the store. */
      readonly hasKeysHere: boolean;
      /** Where to look when it shows something else. */
      readonly unit: string;
      readonly pki: string;
    }
  | { readonly proof: 'next-ca-trusted'; readonly like: ProbeLeaf }
  | {
      readonly proof: 'former-ca-refused';
      readonly like: ProbeLeaf;
      /** Certificates that clients have, one of each kind, which a port for peers alone refuses. */
      readonly clients: readonly string[];
    }
);

/** Whose names the certificate gets that is made for a proof. */
export type ProbeLeaf = Pick<DesiredCertificate, 'subject' | 'names' | 'key'>;

/** Asks a member for a proof, at the listeners that trust the CA of the authority; none of one that has no certificate. */
export function probeStep(
  cluster: DesiredCluster,
  name: string,
  proof: ProbeStep['proof'],
  because: string,
  authority?: Authority,
): readonly ProbeStep[] {
  const member = cluster.members.find((one) => one.name === name);
  const peer = cluster.certificates.find(({ id }) => id === `${name}/peer`);
  if (member === undefined) return [];
  const { address, ports } = member.listener;
  const both: readonly ProbedListener[] = [
    { port: 'client', row: 'server', address, number: ports.client },
    { port: 'peer', row: 'peer', address, number: ports.peer },
  ];
  const trusting = cluster.peerCa === undefined ? undefined : authority;
  // Clients that are asked for no certificate are refused for none.
  const asks = cluster.adoptedClients !== 'optional' || proof !== 'former-ca-refused';
  const common = {
    ...({ kind: 'probe-listeners', member: name, because } as const),
    ...(authority && { authority }),
    listeners: both.filter(
      ({ port }) => (trusting === undefined || port === trusting) && (asks || port !== 'client'),
    ),
  };
  if (common.listeners.length === 0) return [];
  if (proof === 'new-leaves-served') {
    const { unit, paths } = cluster;
    return [{ ...common, proof, hasKeysHere: member.keys.place === 'store', unit, pki: paths.pki }];
  }
  if (peer === undefined) return [];
  const like = { subject: peer.subject, names: peer.names, key: peer.key };
  return proof === 'next-ca-trusted'
    ? [{ ...common, proof, like }]
    : [{ ...common, proof, like, clients: authority === 'peer' ? clientsOf(cluster) : [] }];
}

/** One certificate of each kind that the CA of clients signs and whose key is in the store. */
function clientsOf({ certificates }: DesiredCluster): readonly string[] {
  const kinds = new Map(
    certificates
      .filter(({ authority, keyPlace }) => authority === 'client' && keyPlace === 'store')
      .map(({ row, id }) => [row, id] as const),
  );
  return [...kinds.values()];
}
