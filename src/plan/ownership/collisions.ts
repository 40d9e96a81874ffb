import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { TenantsFact } from '../../facts/host/tenants.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { nameIn, parentOf, within } from '../path.ts';
import type { Collision } from './collision.ts';
import { programsOf } from './program-users.ts';
import { type Tenant, valuesOf } from './tenants.ts';

interface Seen {
  readonly found: MemberFacts;
  readonly binaries: ClusterFacts['binaries'];
}

/** What a member of the cluster would take from somebody else on its host. */
export function collisions(
  cluster: DesiredCluster,
  member: DesiredMember,
  tenant: Tenant,
  seen: Seen,
): readonly Collision[] {
  const { tenants } = seen.found;
  return [
    ...unitOf(cluster, tenant),
    ...confOf(cluster, tenant, tenants),
    // A package brings a unit that nobody uses: it has no data, and its ports are only defaults.
    ...(isIdle(tenant)
      ? []
      : [...dataOf(cluster, tenant, tenants), ...portsOf(cluster, member, tenant)]),
    ...programs(cluster, tenant, seen),
  ];
}

function isIdle({ pid, header, clusterId }: Tenant): boolean {
  return pid === 0 && header === undefined && clusterId === undefined;
}

function unitOf({ unit }: DesiredCluster, tenant: Tenant): readonly Collision[] {
  if (tenant.unit !== `${unit}.service`) return [];
  // Ours in /etc would only go before the file of a package.
  if (isIdle(tenant)) return [];
  return [{ key: 'etcd.unit', what: tenant.unit }];
}

const TLS_FILES = [
  ...['ETCD_CERT_FILE', 'ETCD_KEY_FILE', 'ETCD_TRUSTED_CA_FILE', 'ETCD_CLIENT_CRL_FILE'],
  ...['ETCD_PEER_CERT_FILE', 'ETCD_PEER_KEY_FILE', 'ETCD_PEER_TRUSTED_CA_FILE'],
];

function confOf(
  { paths }: DesiredCluster,
  tenant: Tenant,
  tenants: TenantsFact,
): readonly Collision[] {
  const real = realPath(tenants);
  const conf = real(paths.conf);
  const isConf = tenant.confFiles.some((file) => real(parentOf(file)) === conf);
  const isPki = TLS_FILES.flatMap((name) => valuesOf(tenant, name)).some(
    (file) => real(parentOf(file)) === real(paths.pki) || parentOf(file) === paths.pki,
  );
  return [
    ...(isConf ? [{ key: 'etcd.paths.conf', what: paths.conf } as const] : []),
    ...(isPki && !isConf ? [{ key: 'etcd.paths.conf', what: paths.pki } as const] : []),
  ];
}

function dataOf(
  { paths }: DesiredCluster,
  tenant: Tenant,
  tenants: TenantsFact,
): readonly Collision[] {
  const real = realPath(tenants);
  const files = [...tenant.confFiles, ...TLS_FILES.flatMap((name) => valuesOf(tenant, name))];
  // The directory of a configuration that provision did not make may be one for all programs, as /etc/default.
  const confs = tenant.header === undefined ? [] : tenant.confFiles.map(parentOf);
  const data = ['ETCD_DATA_DIR', 'ETCD_WAL_DIR'].flatMap((name) => valuesOf(tenant, name));
  // The directory of another cluster's log is all its own, as ours is.
  const homes =
    tenant.header === undefined
      ? []
      : valuesOf(tenant, 'ETCD_WAL_DIR').flatMap((one) =>
          nameIn(one) === 'wal' && !data.some((other) => other !== one && within(one, other))
            ? [parentOf(one)]
            : [],
        );
  const theirs = [...data, ...homes, ...confs].map(real);
  const held = [...theirs, ...files.map((file) => `${real(parentOf(file))}/${nameIn(file)}`)];
  const ours = [
    ['etcd.paths.data', paths.data],
    ...(paths.walHome === undefined ? [] : [[paths.walKey, paths.walHome] as const]),
    ['etcd.paths.conf', paths.conf],
    ['etcd.paths.bin', paths.bin],
    ['snapshots.hostDirectory', paths.snapshots],
  ] as const;
  return ours.flatMap(([key, path]) => {
    const isInside = theirs.some((one) => within(real(path), one));
    const isAround = held.some((one) => within(one, real(path)));
    return isInside || isAround ? [{ key, what: path }] : [];
  });
}

function portsOf(
  _cluster: DesiredCluster,
  { listener }: DesiredMember,
  tenant: Tenant,
): readonly Collision[] {
  const theirs = [
    ...listeners(tenant, 'ETCD_LISTEN_CLIENT_URLS', 2379),
    ...listeners(tenant, 'ETCD_LISTEN_PEER_URLS', 2380),
  ];
  const { address, ports } = listener;
  const ours = [
    { host: address, port: ports.client },
    { host: '127.0.0.1', port: ports.client },
    { host: address, port: ports.peer },
  ];
  const taken = ours.filter((one) =>
    theirs.some(
      (other) =>
        one.port === other.port &&
        (isAny(one.host) || isAny(other.host) || sameHost(one.host, other.host)),
    ),
  );
  return [...new Set(taken.map(({ port }) => port))].map((port) => ({
    key: 'etcd.ports',
    what: `port ${port}`,
  }));
}

function listeners(tenant: Tenant, name: string, usual: number) {
  const said = valuesOf(tenant, name);
  const urls = said.length > 0 ? said : [`http://127.0.0.1:${usual}`];
  return urls
    .flatMap((one) => one.split(','))
    .flatMap((url) => {
      const [, host = '', port = ''] = /^[a-z]+:\/\/\[?([^\]/]*?)\]?:(\d+)/.exec(url) ?? [];
      return port === '' ? [] : [{ host, port: Number(port) }];
    });
}

function isAny(host: string): boolean {
  return ['0.0.0.0', '::', ''].includes(host);
}

function sameHost(one: string, other: string): boolean {
  const plain = (host: string) => (host === 'localhost' ? '127.0.0.1' : host);
  return plain(one) === plain(other);
}

// The same version from another source is another file; who runs the one that is there keeps it.
function programs({ paths }: DesiredCluster, tenant: Tenant, { found, binaries }: Seen) {
  const isOther = binaries.some(({ name, sha256 }) => {
    const there = found.binaries.get(name);
    return there !== undefined && there.sha256 !== sha256;
  });
  const uses = programsOf(tenant, found.tenants, paths.bin).some((one) =>
    one.startsWith(`${paths.binaries}/`),
  );
  return isOther && uses ? [{ key: 'etcd.paths.bin', what: paths.binaries } as const] : [];
}

/** The path with its links resolved, as the host has it. */
function realPath({ real }: TenantsFact): (path: string) => string {
  return (path) => real.get(path) ?? path;
}
