import { type JwtOptions, readAuthToken } from '../etcd/auth-token.ts';
import { variableOf } from '../etcd/given-settings.ts';
import { appendedLogs, logDirectories } from '../etcd/log-outputs.ts';
import { type Binding, metricsBindings } from '../etcd/metrics-urls.ts';
import type { Inventory, Member } from '../inventory/schema.ts';
import type { PeerCa } from '../pki/ca/authority.ts';
import type { DesiredCa, DesiredCertificate } from '../pki/desired-certificate.ts';
import { atVersion } from './at-version.ts';
import { desiredCa, desiredCertificates, desiredPeerCa } from './certificates.ts';
import { sharedClients } from './client-certificates.ts';
import { type DesiredConsumer, desiredConsumers } from './consumers.ts';
import { emptyStartToken } from './empty-start.ts';
import { guardPath, keepsLayout } from './guard.ts';
import { type DesiredKeys, desiredKeys } from './host-keys.ts';
import { incarnationPath } from './incarnation.ts';
import { type LogPlace, logPlace } from './log-place.ts';
import {
  type BootSettings,
  clientUrl,
  memberSettings,
  peerUrl,
  settingsOf,
} from './member-settings.ts';
import { desiredService, type UnitService } from './service.ts';
import type { Templates } from './templates.ts';

/**
 * Everything about hosts that the inventory decides. What still reads the inventory beside it, such as where programs come
 * from and which files of this machine are meant, is named in `test/architecture.test.ts`.
 */
export interface DesiredCluster {
  readonly name: string;
  readonly protocol: 'http' | 'https';
  readonly version: string;
  /** The account that runs etcd. */
  readonly account: string;
  readonly unit: string;
  /** The id of the cluster whose units and data are taken over from somebody else. */
  readonly adoptedId?: string;
  /** What the inventory says of clients of such a cluster that show no certificate. */
  readonly adoptedClients?: 'required' | 'optional' | undefined;
  /** Whether members that somebody else set up go on by their own unit, configuration and program. */
  readonly keepsLayout?: true;
  /** What the unit says about resources. */
  readonly service: UnitService;
  readonly paths: DesiredPaths;
  /** How tokens of users are signed with keys on the hosts, where they are. */
  readonly jwt: JwtOptions | undefined;
  /** The files that etcd appends its log to; it ends where it cannot. */
  readonly logFiles: readonly string[];
  readonly members: readonly DesiredMember[];
  /** Members that the inventory does not name any more, on machines that were found: they serve until others have joined. */
  readonly outgoing?: readonly DesiredMember[];
  /** Members that run on machines where the inventory does not have them, or as another unit than it says. */
  readonly elsewhere?: readonly RunningElsewhere[];
  /** Machines that may have such a member and could not be asked, with the member's name or their address. */
  readonly unasked?: readonly string[];
  readonly ca: DesiredCa | undefined;
  /** The CA that peers trust, where it is not the same. */
  readonly peerCa: DesiredCa | undefined;
  /** What the inventory asks for, where the store has it otherwise. */
  readonly otherPeerCa?: PeerCa;
  readonly certificates: readonly DesiredCertificate[];
  /** What is kept current where the store has it, and not made where it has not. */
  readonly sharedClients: readonly DesiredCertificate[];
  readonly consumers: readonly DesiredConsumer[];
  /** The same cluster with another version, and with the settings as that one names them. */
  readonly withVersion: (version: string) => DesiredCluster;
}

/** A member that was found running where the inventory does not have it. */
export interface RunningElsewhere {
  readonly member: string;
  readonly address: string;
  /** With its ending; undefined for a process of no unit. */
  readonly unit: string | undefined;
  readonly confFile: string | undefined;
}

export interface DesiredPaths extends LogPlace {
  /** Holds the programs of every version, and a link for each unit. */
  readonly bin: string;
  /** Where the programs of this version are. */
  readonly binaries: string;
  /** What the unit runs: a link of its own to them, or the same directory where they are installed already. */
  readonly current: string;
  /** The link that all units of a host shared before each had its own. */
  readonly formerLink: string;
  readonly conf: string;
  readonly confFile: string;
  /** The link to the certificates. */
  readonly pki: string;
  readonly unitFile: string;
  readonly data: string;
  /** Where snapshots stay on the host. */
  readonly snapshots: string;
  /** What takes them there at set times, where a schedule was made. */
  readonly script: string;
  /** Which log the member has, recorded outside its data. */
  readonly incarnation: string;
  /** Where the data and the log were until they were moved, from before that until after it. */
  readonly dataMove: string;
  readonly logMove: string;
  /** Directories of the files that etcd logs to, beside the journal. */
  readonly logs: readonly string[];
}

export interface DesiredMember {
  readonly name: string;
  /** Where its host is, and by which further addresses and names it is dialled. */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly ports: readonly number[];
  /** Where its listeners can be dialled from its own host. */
  readonly listener: {
    readonly address: string;
    readonly ports: { readonly client: number; readonly peer: number };
  };
  /** Where it serves metrics apart from its client port. */
  readonly metrics: readonly Binding[];
  readonly keys: DesiredKeys;
  readonly unitFile: string;
  /** What keeps a unit of somebody else from starting without the data, where their layout is kept. */
  readonly guard?: { readonly path: string; readonly content: string };
  /** What etcd.conf says; only the settings of a first start depend on what the hosts already have. */
  readonly confFile: (start: FirstStart) => string;
  /** The same as the variables etcd runs with. */
  readonly environment: (start: FirstStart) => ReadonlyMap<string, string>;
}

/** The members of its first start are those of the inventory unless said. */
export type FirstStart = Omit<BootSettings, 'initialCluster'> &
  Partial<Pick<BootSettings, 'initialCluster'>>;

/** Decides the whole cluster from its inventory. */
export function desiredCluster(inventory: Inventory, templates: Templates): DesiredCluster {
  const { cluster, protocol, etcd } = inventory;
  return {
    name: cluster,
    protocol,
    version: etcd.version,
    account: etcd.user,
    unit: etcd.unit,
    ...(inventory.adopted && {
      adoptedId: inventory.adopted.clusterId.padStart(16, '0'),
      adoptedClients: inventory.adopted.clientCertificates,
    }),
    ...(keepsLayout(inventory) && { keepsLayout: true }),
    service: desiredService(etcd),
    paths: desiredPaths(inventory),
    jwt: readAuthToken(String(etcd.settings['auth-token'] ?? '')),
    logFiles: appendedLogs(etcd.settings),
    members: inventory.members.map((member) => desiredMember(inventory, member, templates)),
    ca: protocol === 'https' ? desiredCa(inventory) : undefined,
    peerCa: protocol === 'https' ? desiredPeerCa(inventory) : undefined,
    certificates: desiredCertificates(inventory),
    sharedClients: sharedClients(inventory),
    consumers: desiredConsumers(inventory),
    withVersion: (version) => desiredCluster(atVersion(inventory, version), templates),
  };
}

function desiredPaths({ cluster, etcd, snapshots }: Inventory): DesiredPaths {
  const { source, paths, version, unit } = etcd;
  const installed = 'installed' in source ? source.installed : undefined;
  return {
    bin: paths.bin,
    binaries: installed ?? `${paths.bin}/${version}`,
    current: installed ?? `${paths.bin}/${unit}`,
    formerLink: `${paths.bin}/current`,
    conf: paths.conf,
    confFile: `${paths.conf}/etcd.conf`,
    pki: `${paths.conf}/pki`,
    unitFile: `/etc/systemd/system/${unit}.service`,
    data: paths.data,
    ...logPlace(paths),
    snapshots: `${snapshots.hostDirectory}/${cluster}`,
    script: `${paths.conf}/snapshot.sh`,
    incarnation: incarnationPath(unit),
    dataMove: `/var/lib/provision/${unit}.data-move`,
    logMove: `/var/lib/provision/${unit}.log-move`,
    logs: logDirectories(etcd.settings),
  };
}

function desiredMember(inventory: Inventory, member: Member, templates: Templates): DesiredMember {
  const { cluster, etcd } = inventory;
  const header = { cluster, member: member.name };
  const paths = desiredPaths(inventory);
  const initialCluster = inventory.members.map((one) => ({
    name: one.name,
    peerUrl: peerUrl(inventory, one),
  }));
  const settings = (start: FirstStart) =>
    memberSettings(inventory, member, { initialCluster, ...start });
  return {
    ...{ name: member.name, address: member.address, addresses: member.addresses },
    peerUrl: peerUrl(inventory, member),
    clientUrl: clientUrl(inventory, member),
    ports: [etcd.ports.client, etcd.ports.peer],
    listener: { address: dialable(member), ports: etcd.ports },
    metrics: metricsBindings(settingsOf(inventory, member)),
    keys: desiredKeys(inventory, member.name),
    unitFile: templates.etcdService({
      ...header,
      etcd: `${paths.current}/etcd`,
      confFile: paths.confFile,
      user: etcd.user,
      data: paths.data,
      wal: paths.wal,
      walHome: paths.walHome,
      walAbove: paths.walAbove,
      logs: paths.logs.filter((path) => path.startsWith('/')),
      emptyStart: emptyStartToken(etcd.unit),
      service: desiredService(etcd),
    }),
    ...(keepsLayout(inventory) && {
      guard: {
        path: guardPath(etcd.unit),
        content: templates.etcdGuard({
          ...header,
          ...{ data: paths.data, wal: paths.wal, walHome: paths.walHome },
        }),
      },
    }),
    confFile: (start) => templates.etcdConf(settings(start), header),
    environment: (start) =>
      new Map([...settings(start)].map(([flag, value]) => [variableOf(flag), value])),
  };
}

/** An address the member listens at; behind an unspecified one, loopback is listened at too. */
function dialable({ listen, address }: Member): string {
  const bound = listen ?? address;
  if (bound === '0.0.0.0') return '127.0.0.1';
  return bound === '::' ? '::1' : bound;
}
