import { usualLog } from '../../etcd/usual-log.ts';
import { minorOf, patchOf } from '../../etcd/versions.ts';
import type { Failure } from '../../failure/failure.ts';
import type { AdoptedStart } from '../../inventory/adopted-text.ts';
import { isOfSystem } from '../../inventory/rules/place-rules.ts';
import { absolutePath } from '../../inventory/yaml/scalars.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { AdoptedCluster, AdoptedMember } from './adoption.ts';
import { asksClients } from './asks-clients.ts';
import { clusterNotes } from './cluster-notes.ts';
import type { FoundCas } from './found-cas.ts';
import { nameOf } from './name-of.ts';
import { notOurs } from './not-ours.ts';
import { alike, byValue, note, spoken } from './note.ts';
import { placeOf } from './place-of.ts';
import { serviceFound } from './service-found.ts';
import { settingsFound } from './settings.ts';
import { settingsNotes } from './settings-notes.ts';
import { unitNotes } from './unit-notes.ts';
import { isLoopbackHost, type PartedUrl, partedUrl, partedUrls } from './urls.ts';

/** What the operator has said, and what the members are reached by. */
export interface Wish {
  /** The name that the cluster is to have. */
  readonly cluster: string | undefined;
  readonly ssh: AdoptedStart['ssh'];
  /** What of it each host has of its own, by how it was dialled. */
  readonly sshOf: (host: string, address: string) => AdoptedStart['members'][number]['ssh'];
  /** Addresses at which nobody could be asked, with why. */
  readonly unreachable: ReadonlyMap<string, Failure>;
  readonly cas: FoundCas;
}

/** A cluster as an inventory would have it, and what it would not. */
export interface Described {
  /** Undefined where something keeps it from being written. */
  readonly start: AdoptedStart | undefined;
  readonly cannot: readonly Problem[];
  readonly notes: readonly Problem[];
}

/** The inventory of a cluster as it was found; what cannot be said in one is named. */
export function describeAdopted(cluster: AdoptedCluster, wish: Wish): Described {
  const { members } = cluster;
  const seen = members.filter((one) => one.found !== undefined);
  const cannot: Problem[] = [...wish.cas.problems, ...alike(notOurs(members))];
  const notes: Problem[] = [
    ...clusterNotes(cluster, wish.unreachable),
    ...settingsNotes(members),
    ...unitNotes(members),
  ];
  const one = (what: string, read: (member: AdoptedMember) => string | undefined): string => {
    const values = byValue(seen, read, nameOf);
    if (values.size > 1)
      cannot.push(
        note(
          `${what} differs`,
          [...values.values()].flat(),
          `${what} differs, and an inventory has one for all: ${spoken(values)}`,
          { severity: 'fail', next: [remedy`make it the same on all members, one after another`] },
        ),
      );
    return [...values.keys()][0] ?? '';
  };

  const places = members.map(placeOf);
  cannot.push(...alike(places.flatMap((placed) => placed.cannot)));
  notes.push(...alike(places.flatMap((placed) => placed.notes)));
  const peers = members.flatMap(({ listed }) => partedUrl(listed.peerUrls[0] ?? '') ?? []);
  const protocol = one(
    'the protocol of peers',
    ({ listed }) => partedUrl(listed.peerUrls[0] ?? '')?.protocol,
  );
  const clientProtocol = one('the protocol of clients', (member) => clientUrlOf(member)?.protocol);
  cannot.push(...twoProtocols(protocol, clientProtocol, seen.map(nameOf)));
  const client = Number(one('the client port', (member) => clientUrlOf(member)?.port.toString()));
  const peer = Number(one('the peer port', ({ listed }) => port(listed.peerUrls[0])));
  const unit = one('the unit', ({ found }) => found?.etcd.unit?.name.replace(/\.service$/, ''));
  const data = one('the data directory', ({ found }) => found?.etcd.places.data);
  const wal = one('the directory of the log', ({ found }) => {
    const { data: own = '', wal: log = '' } = found?.etcd.places ?? {};
    return log === usualLog(own) ? '' : log;
  });
  const user = one('the account', ({ found }) => found?.etcd.process?.account);
  const version = versionOf(seen, cannot, notes);
  const token = byValue(seen, tokenOf, nameOf).keys().next().value;
  const settings = settingsFound(
    seen.flatMap((member) => {
      const effective = member.found?.etcd.running ?? member.found?.etcd.filed;
      return effective === undefined ? [] : [{ name: nameOf(member), effective }];
    }),
    version,
  );
  const service = serviceFound(members);
  notes.push(...settings.notes, ...service.notes);
  if (peers.length === 0 || cannot.some(({ severity }) => severity === 'fail'))
    return { start: undefined, cannot, notes };

  const isShared = seen.some(({ found }) => (found?.beside ?? 0) > 1);
  return {
    cannot,
    notes,
    start: {
      cluster: wish.cluster ?? clusterName(token ?? unit),
      clusterId: cluster.clusterId,
      clientCertificates:
        protocol === 'https' && seen.some(({ found }) => !asksClients(found?.etcd))
          ? 'optional'
          : undefined,
      protocol: protocol === 'https' ? 'https' : 'http',
      version,
      settings: settings.common,
      service: service.service,
      ports: { client, peer },
      paths: {
        ...placesBeside(seen, isShared && unit !== 'etcd' ? `/etc/${unit}` : undefined),
        data,
        ...logPlaceOf(wal, seen),
      },
      user: user === '' ? 'etcd' : user,
      unit: unit === '' ? 'etcd' : unit,
      ssh: wish.ssh,
      peerCa: protocol === 'https' ? wish.cas.peerCa : undefined,
      members: membersOf(members, places, settings.own, wish),
      remarks: [],
    },
  };
}

function twoProtocols(
  peers: string,
  clients: string,
  names: readonly string[],
): readonly Problem[] {
  if (peers === '' || clients === '' || peers === clients) return [];
  return [
    note(
      'two protocols',
      names,
      `peers speak ${peers} and clients ${clients} by the member list, and an inventory has one for both`,
      {
        severity: 'fail',
        next: [
          peers === 'https'
            ? remedy`have clients served over https too, one member after another`
            : remedy`have peers speak https too, or clients http for as long as it takes: after up all of it goes to https by ${provision('migrate', INVENTORY, '--to', 'https')}`,
        ],
      },
    ),
  ];
}

/** What each member has of its own in an inventory. */
function membersOf(
  members: readonly AdoptedMember[],
  places: readonly ReturnType<typeof placeOf>[],
  own: ReadonlyMap<string, AdoptedStart['members'][number]['settings']>,
  { sshOf }: Pick<Wish, 'sshOf'>,
): AdoptedStart['members'] {
  return members.map((member, at) => {
    const { address = '', listen, addresses = [] } = places[at] ?? {};
    return {
      ...{ name: nameOf(member), address, listen, addresses },
      settings: own.get(nameOf(member)) ?? {},
      ssh: sshOf(member.found?.host ?? address, address),
    };
  });
}

const TLS_FILES = [
  ...['cert-file', 'key-file', 'trusted-ca-file', 'client-crl-file'],
  ...['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file', 'peer-crl-file'],
];

/** Where our programs and certificates do not come in the place of theirs; undefined where our defaults do not either. */
function placesBeside(seen: readonly AdoptedMember[], conf: string | undefined) {
  const programs = seen.flatMap(({ found }) => found?.etcd.process?.executable ?? []);
  const files = seen.flatMap(({ found }) => {
    const settings = found?.etcd.running?.settings ?? found?.etcd.filed?.settings;
    return TLS_FILES.flatMap((name) => settings?.get(name)?.value ?? []);
  });
  const isTaken = files.some((file) => file.startsWith(`${conf ?? '/etc/etcd'}/pki/`));
  return {
    bin: programs.some((one) => one.startsWith('/opt/etcd/')) ? '/opt/provision-etcd' : undefined,
    conf: isTaken ? `/etc/provision${(conf ?? '/etc/etcd').replace('/etc/', '-')}` : conf,
  };
}

/** The name of a cluster by what it was called before, in letters that a name may have. */
export function clusterName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return name === '' ? 'etcd' : name;
}

/**
 * The log where it lies: in a directory that is its alone on every host, which belongs to the account then, or by itself, for
 * other things may lie beside it.
 */
function logPlaceOf(wal: string, seen: readonly AdoptedMember[]) {
  if (wal === '') return {};
  const isAlone = seen.every(({ found }) => found === undefined || found.etcd.look.isLogAlone);
  const around = wal.replace(/\/wal$/, '');
  const mayBeOurs = absolutePath.safeParse(around).success && !isOfSystem(around);
  return isAlone && around !== wal && mayBeOurs ? { wal: around } : { walDirectory: wal };
}

function tokenOf({ found }: AdoptedMember): string | undefined {
  const settings = found?.etcd.running?.settings ?? found?.etcd.filed?.settings;
  return settings?.get('initial-cluster-token')?.value || undefined;
}

/** Where clients are served: by what the member listens to, since what it advertises may be wrong. */
function clientUrlOf({ listed, found }: AdoptedMember): PartedUrl | undefined {
  const settings = found?.etcd.running?.settings ?? found?.etcd.filed?.settings;
  const listened = partedUrls(settings?.get('listen-client-urls')?.value);
  const advertised = partedUrls(listed.clientUrls.join(','));
  const served = listened.filter(({ host }) => !isLoopbackHost(host));
  return (
    advertised.find((one) => listened.some(({ port }) => port === one.port)) ??
    served[0] ??
    advertised[0]
  );
}

function port(url: string | undefined): string | undefined {
  const parted = partedUrl(url ?? '');
  return parted && String(parted.port);
}

function versionOf(seen: readonly AdoptedMember[], cannot: Problem[], notes: Problem[]): string {
  const versions = byValue(
    seen,
    ({ found }) => found?.etcd.told.status?.version ?? found?.etcd.program.version,
    nameOf,
  );
  const all = [...versions.keys()].toSorted((a, b) => patchOf(b) - patchOf(a));
  if (new Set(all.map(minorOf)).size > 1)
    cannot.push(
      note(
        'two versions',
        [...versions.values()].flat(),
        `members run two minor versions: ${spoken(versions)}`,
        {
          severity: 'fail',
          next: [
            remedy`finish that upgrade or downgrade by the means it was begun with, then adopt`,
          ],
        },
      ),
    );
  else if (all.length > 1)
    notes.push(
      note(
        'patches differ',
        [...versions.values()].flat(),
        `members run ${spoken(versions)}; the inventory says ${all[0]}, and up brings the others to it`,
        { severity: 'warn' },
      ),
    );
  return all[0] ?? '';
}
