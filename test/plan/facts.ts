import { createHash } from 'node:crypto';
import { type Binary, programsOf } from '../../src/binaries/binary.ts';
import { type DesiredCluster, desiredCluster } from '../../src/desired/cluster.ts';
import { startedWith } from '../../src/desired/service.ts';
import { loadTemplates } from '../../src/desired/templates.ts';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import { bootstrapClusterId, bootstrapMemberId } from '../../src/etcd/identity.ts';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import type { ConsumerFacts } from '../../src/facts/consumer.ts';
import type { EtcdFact } from '../../src/facts/etcd/etcd.ts';
import type { FileFact } from '../../src/facts/host/file.ts';
import type { PlaceFact } from '../../src/facts/host/place.ts';
import type { TenantsFact } from '../../src/facts/host/tenants.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { parseInventory } from '../../src/inventory/parse.ts';
import type { DesiredCertificate } from '../../src/pki/desired-certificate.ts';
import { canonicalNames } from '../../src/pki/names.ts';
import type { StoreFacts } from '../../src/pki/store/store-facts.ts';
import type { CertificateFact } from '../../src/pki/verify/inspect.ts';
import { revisionOf } from '../../src/plan/pending.ts';

/** What was seen where every host that was looked at told something. */
export type SeenFacts = Omit<ClusterFacts, 'members' | 'consumers'> & {
  readonly members: ReadonlyMap<string, MemberFacts>;
  readonly consumers: ReadonlyMap<string, ConsumerFacts>;
};

export const NOW = new Date('2026-11-21T12:00:00Z');
/** Seconds since 1970 at which files were written and, a minute later, etcd was started. */
export const WRITTEN = NOW.getTime() / 1000 - 3600;
export const STARTED = WRITTEN + 60;
/** The token the hosts keep, and the one a first start would get. */
export const TOKEN = 'f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1';
export const FRESH = 'abababababababababababababababab';

/** What `up` is asked for where nothing else is said. */
export const UP = { freshToken: FRESH, wipe: false, allowDowntime: false };

const templates = await loadTemplates();

/** An inventory of `members` hosts etcd01, etcd02, … at 198.18.0.11, …; `changes` go over it. */
export function wanted(members = 3, changes: Readonly<Record<string, unknown>> = {}) {
  const inventory = {
    cluster: 'prod',
    etcd: { version: '3.5.30' },
    members: Array.from({ length: members }, (_, index) => ({
      name: `etcd0${index + 1}`,
      address: `198.18.0.${11 + index}`,
    })),
    ...changes,
  };
  const parsed = parseInventory(JSON.stringify(inventory), 'inventory.yaml');
  return desiredCluster(parsed.inventory, templates);
}

/** Machines with nothing but sshd and systemd, and an empty PKI store. */
export function bare(desired: DesiredCluster): SeenFacts {
  return {
    members: new Map(desired.members.map(({ name }) => [name, nothing])),
    consumers: new Map(),
    store: {
      directory: '/home/me/prod.pki',
      ca: undefined,
      peerCa: undefined,
      certificates: new Map(),
    },
    rotation: { next: undefined, previous: undefined, retired: [] },
    peerRotation: { next: undefined, previous: undefined, retired: [] },
    crl: undefined,
    peerCrl: undefined,
    binaries: programs(desired),
    now: NOW,
  };
}

/** A cluster that is exactly as it should be, etcd01 leading. */
export function settled(desired: DesiredCluster): SeenFacts {
  return {
    ...bare(desired),
    members: new Map(desired.members.map(({ name }) => [name, healthyMember(desired, name)])),
    store: fullStore(desired),
  };
}

/** The facts with one member seen differently. */
export function but(
  facts: SeenFacts,
  name: string,
  change: (found: MemberFacts) => Partial<MemberFacts>,
): SeenFacts {
  const found = facts.members.get(name);
  if (found === undefined) throw new TypeError(`no ${name}`);
  return { ...facts, members: new Map(facts.members).set(name, { ...found, ...change(found) }) };
}

/** The facts with every member seen differently. */
export function butAll(
  facts: SeenFacts,
  change: (found: MemberFacts, name: string) => Partial<MemberFacts>,
): SeenFacts {
  return [...facts.members.keys()].reduce(
    (changed, name) => but(changed, name, (found) => change(found, name)),
    facts,
  );
}

/** The facts with one entry in the membership changed, as all members list it. */
export function relisted(facts: SeenFacts, name: string, change: Partial<EtcdMember>): SeenFacts {
  return butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: etcd.members.members.map((one) =>
          one.name === name ? { ...one, ...change } : one,
        ),
      },
    },
  }));
}

/** The facts with a member that every list has without a vote. */
export function learning(facts: SeenFacts, name: string): SeenFacts {
  return relisted(facts, name, { isLearner: true });
}

/** A member whose unit has no process. */
export function stopped({ unit }: MemberFacts): Partial<MemberFacts> {
  const process = undefined;
  return {
    unit: { ...unit, active: 'inactive', sub: 'dead', pid: 0, startedAt: undefined, process },
    listeners: [],
    etcd: notAnswering('no etcd process'),
  };
}

/** A member that systemd waits for: started, but never in a quorum. */
export function hanging({ unit }: MemberFacts): Partial<MemberFacts> {
  return {
    unit: { ...unit, active: 'activating', sub: 'start' },
    etcd: notAnswering('context deadline exceeded'),
  };
}

/** What etcdctl says of a member that does not answer. */
export function notAnswering(complaint: string | undefined): EtcdFact {
  return { healthy: false, complaint, members: undefined, status: undefined };
}

/** Data of the first start this token makes, or of another. */
export function dataOf(desired: DesiredCluster, name: string, token = TOKEN) {
  const urls = desired.members.map(({ peerUrl }) => peerUrl);
  const own = desired.members.find((member) => member.name === name)?.peerUrl ?? '';
  return {
    mode: 0o700,
    owner: 'etcd:etcd',
    entries: ['member'],
    bytes: 62_914_560,
    modifiedAt: STARTED,
    used: true,
    stranger: undefined,
    hasLog: true,
    wal: {
      memberId: bootstrapMemberId([own], token),
      clusterId: bootstrapClusterId(urls, token),
    },
    wasLed: true,
  };
}

/** The record of that data, and the same found there. */
export function incarnationOf(desired: DesiredCluster, name: string, token = TOKEN) {
  return incarnationWith(dataOf(desired, name, token).wal);
}

/** The same of the member with these ids. */
export function incarnationWith(wal: { readonly memberId: string; readonly clusterId: string }) {
  const segment = '0000000000000000-0000000000000000.wal';
  const sha256 = 'a'.repeat(64);
  const record = { ...wal, segment, length: 500, sha256 };
  return { record, earliest: segment, sha256 };
}

/** A data directory nothing was ever written to. */
export const emptyData = {
  mode: 0o700,
  owner: 'etcd:etcd',
  entries: [],
  bytes: 4096,
  modifiedAt: WRITTEN,
  used: false,
  stranger: undefined,
  hasLog: false,
  wal: undefined,
  wasLed: undefined,
};

/** A file of root's as provision writes it. */
export function written(content: string): FileFact {
  return { mode: 0o644, owner: 'root:root', modifiedAt: WRITTEN, content };
}

/** etcd.conf of a member for its first start, or for every later one. */
export function conf(
  desired: DesiredCluster,
  name: string,
  state: 'new' | 'existing',
  token = TOKEN,
): FileFact {
  const member = desired.members.find((one) => one.name === name);
  return written(member?.confFile({ token, state }) ?? '');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A host where nobody runs etcd. */
export const NO_TENANTS: TenantsFact = {
  unitFiles: [],
  loaded: [],
  processes: [],
  confs: [],
  logs: new Map(),
  scripts: [],
  links: new Map(),
  real: new Map(),
};

/** A member as its host shows it to another cluster: its unit, its configuration, its process, its log. */
export function tenantOf(desired: DesiredCluster, name: string): TenantsFact {
  const member = desired.members.find((one) => one.name === name);
  if (member === undefined) throw new TypeError(`no ${name}`);
  const { paths, unit } = desired;
  return {
    ...NO_TENANTS,
    unitFiles: [{ path: paths.unitFile, text: member.unitFile }],
    loaded: [`Id=${unit}.service\nExecStart={ path=${paths.current}/etcd ; }`],
    processes: [
      {
        pid: 100 + desired.members.indexOf(member),
        executable: `${paths.binaries}/etcd`,
        unit: `${unit}.service`,
        environment: member.environment({ token: TOKEN, state: 'new' }),
        args: [],
      },
    ],
    confs: [{ path: paths.confFile, text: conf(desired, name, 'existing').content }],
    logs: new Map([[paths.data, dataOf(desired, name).wal]]),
    links: new Map([[unit, paths.binaries]]),
  };
}

/** Everybody on one host. */
export function tenantsWith(...all: readonly TenantsFact[]): TenantsFact {
  return {
    unitFiles: all.flatMap((one) => one.unitFiles),
    loaded: all.flatMap((one) => one.loaded),
    processes: all.flatMap((one) => one.processes),
    confs: all.flatMap((one) => one.confs),
    logs: new Map(all.flatMap((one) => [...one.logs])),
    scripts: all.flatMap((one) => one.scripts),
    links: new Map(all.flatMap((one) => [...one.links])),
    real: new Map(all.flatMap((one) => [...one.real])),
  };
}

/** What is at the paths of a cluster that is up. */
export function placesOf(desired: DesiredCluster, member: string): MemberFacts['places'] {
  const { paths } = desired;
  const header = { cluster: desired.name, member };
  return new Map<string, PlaceFact>([
    [paths.conf, { kind: 'directory', entries: ['etcd.conf', 'pki', 'pki.0123456789ab'] }],
    [paths.confFile, { kind: 'file', header }],
    [paths.pki, { kind: 'link', target: 'pki.0123456789ab' }],
    [paths.current, { kind: 'link', target: paths.binaries }],
    [paths.unitFile, { kind: 'file', header }],
  ]);
}

const nothing: MemberFacts = {
  clock: { ahead: 0, doubt: 0 },
  machine: {
    architecture: 'x86_64',
    systemd: 252,
    clock: NOW.getTime() / 1000,
    os: 'Debian GNU/Linux 12 (bookworm)',
    accountExists: false,
  },
  unit: {
    exists: false,
    active: 'inactive',
    sub: 'dead',
    enabled: false,
    stale: false,
    pid: 0,
    restarts: 0,
    result: 'success',
    startRefused: false,
    mayStartEmpty: false,
    startedAt: undefined,
    process: undefined,
  },
  program: { running: undefined, loaded: undefined, installed: undefined },
  launch: {
    ...{ masked: false, fragment: '', environment: new Map() },
    ...{ managerFiles: [], dropIns: [] },
  },
  conf: undefined,
  unitFile: undefined,
  pki: { target: undefined, files: new Map() },
  keys: { sha256: new Set(), complaint: undefined },
  data: undefined,
  ...{
    walHome: undefined,
    logAbove: undefined,
    ownStart: undefined,
    dataMove: undefined,
    logMove: undefined,
    former: undefined,
  },
  incarnation: undefined,
  restoring: undefined,
  freeSpace: 10_000_000_000,
  strangeRecords: [],
  tenants: NO_TENANTS,
  script: undefined,
  places: new Map(),
  disks: [],
  logDirectories: new Map(),
  logFiles: new Map(),
  lacking: new Set(),
  tokenKeys: { files: new Map(), match: undefined },
  listeners: [],
  binaries: new Map(),
  current: undefined,
  etcd: notAnswering('no etcd process'),
};

function healthyMember(desired: DesiredCluster, name: string): MemberFacts {
  const at = desired.members.findIndex((one) => one.name === name);
  const member = desired.members[at];
  if (member === undefined) throw new TypeError(`no ${name}`);
  const { paths } = desired;
  return {
    clock: nothing.clock,
    machine: { ...nothing.machine, accountExists: true },
    unit: {
      exists: true,
      active: 'active',
      sub: 'running',
      enabled: true,
      stale: false,
      pid: 100 + at,
      restarts: 0,
      result: 'success',
      startRefused: false,
      mayStartEmpty: false,
      startedAt: STARTED,
      process: {
        executable: `${paths.binaries}/etcd`,
        unit: revisionOf(member.unitFile),
        service: startedWith(desired.service),
        environment: member.environment({ token: TOKEN, state: 'new' }),
      },
    },
    launch: { ...nothing.launch, fragment: paths.unitFile },
    program: runningProgram(desired),
    conf: conf(desired, name, 'existing'),
    unitFile: written(member.unitFile),
    pki: installedPki(desired, name),
    keys: { sha256: keysOf(desired, name), complaint: undefined },
    data: dataOf(desired, name),
    walHome:
      paths.walHome === undefined
        ? undefined
        : {
            mode: 0o700,
            owner: `${desired.account}:${desired.account}`,
            entries: logEntries(paths),
          },
    logAbove: undefined,
    ownStart: undefined,
    dataMove: undefined,
    logMove: undefined,
    former: undefined,
    incarnation: incarnationOf(desired, name),
    restoring: undefined,
    freeSpace: 10_000_000_000,
    strangeRecords: [],
    tenants: tenantsWith(tenantOf(desired, name)),
    script: undefined,
    places: placesOf(desired, name),
    disks: [paths.data, paths.wal, paths.conf, '/etc/systemd/system'].map((path) => ({
      ...{ path, writable: true, bytes: 10_000_000_000, inodes: 1_000_000 },
    })),
    tokenKeys: { files: new Map(), match: undefined },
    logDirectories: new Map(),
    logFiles: new Map(),
    lacking: new Set(),
    listeners: member.ports.map((port) => ({ port, process: 'etcd', pid: 100 + at })),
    binaries: new Map(
      programs(desired).map((one) => [
        one.name,
        { sha256: one.sha256, mode: 0o755, owner: 'root:root' },
      ]),
    ),
    current: paths.binaries,
    etcd: healthyEtcd(desired, at),
  };
}

/** A host on which the program of the inventory runs and starts next. */
export function runningProgram({ paths, version }: DesiredCluster): MemberFacts['program'] {
  const file = (directory: string) => ({
    ...{ path: `${directory}/etcd`, version, complaint: undefined },
  });
  return { running: version, loaded: file(paths.current), installed: file(paths.binaries) };
}

function healthyEtcd(desired: DesiredCluster, at: number): EtcdFact {
  const urls = desired.members.map(({ peerUrl }) => peerUrl);
  const clusterId = bootstrapClusterId(urls, TOKEN);
  const id = (index: number) => bootstrapMemberId([urls[index] ?? ''], TOKEN);
  return {
    healthy: true,
    complaint: undefined,
    members: {
      clusterId,
      members: desired.members.map(({ name, peerUrl, clientUrl }, index) => ({
        id: id(index),
        name,
        peerUrls: [peerUrl],
        clientUrls: [clientUrl],
        isLearner: false,
      })),
    },
    status: {
      endpoint: desired.members[at]?.clientUrl ?? '',
      clusterId,
      memberId: id(at),
      version: desired.version,
      dbSize: 20_480,
      leader: id(0),
      isLearner: false,
      raftTerm: 2,
      raftIndex: 12,
      raftAppliedIndex: 12,
      revision: 2,
      errors: [],
    },
  };
}

function programs({ version }: DesiredCluster): readonly Binary[] {
  return programsOf(version).map((name) => ({
    name,
    path: `/cache/etcd-v${version}/${name}`,
    sha256: sha256(`${name} ${version}`),
    size: 20_000_000,
    architecture: 'amd64',
  }));
}

function installedPki(desired: DesiredCluster, name: string): MemberFacts['pki'] {
  const mine = desired.certificates.filter(({ member }) => member === name);
  if (mine.length === 0) return { target: undefined, files: new Map() };
  const file = (text: string, mode: number, owner: string) => ({
    mode,
    owner,
    sha256: sha256(text),
    modifiedAt: WRITTEN,
  });
  return {
    target: 'pki.0123456789ab',
    files: new Map([
      ['ca.crt', file(CA_PEM, 0o644, 'root:root')],
      ...(desired.peerCa === undefined
        ? []
        : [['peer-ca.crt', file(PEER_CA_PEM, 0o644, 'root:root')] as const]),
      ...mine.flatMap((one) => [
        [`${one.row}.crt`, file(textOf('crt', one), 0o644, 'root:root')] as const,
        [`${one.row}.key`, file(textOf('key', one), 0o600, 'etcd:etcd')] as const,
      ]),
    ]),
  };
}

/** Checksums of the keys of a member or consumer. */
export function keysOf({ certificates }: DesiredCluster, name: string): ReadonlySet<string> {
  const mine = certificates.filter(({ member, consumer }) => (member ?? consumer) === name);
  return new Set(mine.map((one) => sha256(textOf('key', one))));
}

const CA_PEM = 'the CA of prod\n';
const PEER_CA_PEM = 'the CA of the peers of prod\n';

function fullStore({ ca, peerCa, certificates }: DesiredCluster): StoreFacts {
  const directory = '/home/me/prod.pki';
  if (ca === undefined)
    return { directory, ca: undefined, peerCa: undefined, certificates: new Map() };
  const fact: CertificateFact = {
    serial: '5f',
    subject: ca.subject,
    issuer: ca.subject,
    names: [],
    usages: [],
    keyUsages: ['keyCertSign', 'cRLSign'],
    notBefore: inDays(-1),
    notAfter: inDays(3_649),
    isCa: true,
    pathLength: 0,
    nameConstraints: undefined,
    key: ca.key,
    fingerprint256: 'ca',
    publicKeySha256: 'bb',
    subjectKeyId: 'cc',
    authorityKeyId: undefined,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    isSelfSigned: true,
    misspelt: [],
    unknownCritical: [],
  };
  const subject = peerCa?.subject ?? [];
  const peerFact = { ...fact, subject, issuer: subject, fingerprint256: 'peer-ca' };
  return {
    directory,
    ca: { fact, pem: CA_PEM, hasKey: true, keyEncrypted: false },
    peerCa: peerCa && { fact: peerFact, pem: PEER_CA_PEM, hasKey: true, keyEncrypted: false },
    certificates: new Map(
      certificates.map((one) => [
        one.id,
        storedAs(one, one.authority === 'peer' ? peerFact : fact),
      ]),
    ),
  };
}

function storedAs(certificate: DesiredCertificate, ca: CertificateFact) {
  return {
    fact: {
      ...ca,
      subject: certificate.subject,
      issuer: ca.subject,
      names: canonicalNames(certificate.names),
      usages: certificate.usages,
      keyUsages: ['digitalSignature'],
      notBefore: inDays(-1),
      notAfter: inDays(364),
      isCa: false,
      pathLength: undefined,
      key: certificate.key,
      fingerprint256: certificate.id,
      isSelfSigned: false,
    },
    certificatePem: textOf('crt', certificate),
    certificateSha256: sha256(textOf('crt', certificate)),
    ...keyAt(certificate),
    issuerFingerprint256: ca.fingerprint256,
  };
}

/** What stands for a key or a certificate: another one where its host is to make it. */
export function textOf(half: 'key' | 'crt', { id, keyPlace }: DesiredCertificate): string {
  return keyPlace === 'store' ? `${half} ${id}` : `${half} ${id} of the host`;
}

/** What a store knows of a key in its place. */
function keyAt(certificate: DesiredCertificate) {
  const { key, keyPlace } = certificate;
  const sum = sha256(textOf('key', certificate));
  return keyPlace === 'store'
    ? { key, keyMatches: true, keySha256: sum, hostKey: undefined }
    : {
        ...{ key: undefined, keyMatches: false, keySha256: undefined },
        hostKey: { sha256: sum, publicKeySha256: 'bb' },
      };
}

/** Now, so many days on. */
export function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * 86_400_000);
}

function logEntries({ wal, walHome }: DesiredCluster['paths']): readonly string[] {
  return wal === walHome ? ['0000000000000000-0000000000000000.wal', '1.tmp'] : ['wal'];
}
