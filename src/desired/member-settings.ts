import { isIPv6 } from 'node:net';
import { usualLog } from '../etcd/usual-log.ts';
import { caAsks, versionRow } from '../etcd/versions.ts';
import type { Inventory, Member } from '../inventory/schema.ts';
import { logPlace } from './log-place.ts';

/** The settings of a first start, which depend on what the hosts already have. */
export interface BootSettings {
  readonly token: string;
  readonly state: 'new' | 'existing';
  /** Whether there is a revocation list; etcd refuses every connection when the file it names is missing. */
  readonly crl?: boolean;
  /** The same for the list of the peers' own CA, where they have one. */
  readonly peerCrl?: boolean;
  readonly initialCluster: readonly { readonly name: string; readonly peerUrl: string }[];
}

/** The settings a member runs with: those of all, and over them its own. */
export function settingsOf(
  { etcd }: Inventory,
  { settings }: Member,
): Inventory['etcd']['settings'] {
  return { ...etcd.settings, ...settings };
}

/** Where other members reach this one. */
export function peerUrl({ protocol, etcd }: Inventory, { address }: Member): string {
  return url(protocol, address, etcd.ports.peer);
}

/** Where clients reach the member. */
export function clientUrl({ protocol, etcd }: Inventory, { address }: Member): string {
  return url(protocol, address, etcd.ports.client);
}

/** Every etcd flag of the member with its value, in the order etcd.conf shows them. */
export function memberSettings(
  inventory: Inventory,
  member: Member,
  boot: BootSettings,
): ReadonlyMap<string, string> {
  const { etcd, protocol } = inventory;
  const settings = settingsOf(inventory, member);
  const { wal } = logPlace(etcd.paths);
  return new Map([
    ['name', member.name],
    ['data-dir', etcd.paths.data],
    ...(wal === usualLog(etcd.paths.data) ? [] : [['wal-dir', wal] as const]),
    ['listen-peer-urls', url(protocol, bound(member), etcd.ports.peer)],
    ['listen-client-urls', clientListeners(inventory, member).join(',')],
    ['initial-advertise-peer-urls', peerUrl(inventory, member)],
    ['advertise-client-urls', clientUrl(inventory, member)],
    ['initial-cluster', boot.initialCluster.map((one) => `${one.name}=${one.peerUrl}`).join(',')],
    ['initial-cluster-state', boot.state],
    ['initial-cluster-token', boot.token],
    ...(protocol === 'https' ? tlsFiles(inventory, boot) : []),
    ...logger(etcd.version, settings),
    ...Object.entries(settings)
      .map(([flag, value]) => [flag, String(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** The client URLs it listens to. */
export function clientListeners({ protocol, etcd }: Inventory, member: Member): readonly string[] {
  const address = bound(member);
  // An unspecified address listens on loopback too; binding that again would fail with "address already in use".
  const addresses = ['0.0.0.0', '::'].includes(address) ? [address] : [address, '127.0.0.1'];
  return addresses.map((one) => url(protocol, one, etcd.ports.client));
}

// etcd binds IP addresses only ("expected IP in URL for binding"); the inventory's rules see to it.
function bound({ listen, address }: Member): string {
  return listen ?? address;
}

function tlsFiles(
  { etcd, pki, adopted }: Inventory,
  { crl, peerCrl }: BootSettings,
): readonly (readonly [string, string])[] {
  const directory = `${etcd.paths.conf}/pki`;
  // With one CA for both, every holder of a client certificate can speak raft at the peer port, past all of etcd's users.
  const peers = pki.peerCa === 'separate' ? 'peer-ca' : 'ca';
  const hasPeerList = pki.peerCa === 'separate' ? peerCrl : crl;
  return [
    ['cert-file', `${directory}/server.crt`],
    ['key-file', `${directory}/server.key`],
    ...clientTrust(etcd.version, directory, adopted?.clientCertificates === 'optional'),
    ['peer-cert-file', `${directory}/peer.crt`],
    ['peer-key-file', `${directory}/peer.key`],
    ['peer-trusted-ca-file', `${directory}/${peers}.crt`],
    ['peer-client-cert-auth', 'true'],
    ...(crl === true && adopted?.clientCertificates !== 'optional'
      ? [['client-crl-file', `${directory}/ca.crl`] as const]
      : []),
    ...(hasPeerList === true ? [['peer-crl-file', `${directory}/${peers}.crl`] as const] : []),
  ];
}

/** Clients show a certificate of the CA; or may leave that, which from 3.4 on needs that no CA is named. */
function clientTrust(
  version: string,
  directory: string,
  isOptional: boolean,
): readonly (readonly [string, string])[] {
  const trusted = ['trusted-ca-file', `${directory}/ca.crt`] as const;
  if (!isOptional) return [trusted, ['client-cert-auth', 'true']];
  return [...(caAsks(version) ? [] : [trusted]), ['client-cert-auth', 'false']];
}

function logger(
  version: string,
  settings: Inventory['etcd']['settings'],
): readonly (readonly [string, string])[] {
  return versionRow(version)?.needsLogger === true && settings.logger === undefined
    ? [['logger', 'zap']]
    : [];
}

function url(protocol: 'http' | 'https', address: string, port: number): string {
  return `${protocol}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
