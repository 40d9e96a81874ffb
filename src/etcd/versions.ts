import { coerce, lt } from 'semver';

/** What provision knows of one minor version of etcd. Patches are numbers: 25 of 3.4 is 3.4.25. */
export interface MinorVersion {
  readonly minor: string;
  /** The newest patch known when this was written. */
  readonly newest: number;
  /** When upstream ended it: a minor version is maintained until the one after next appears. */
  readonly ended?: string;
  /** What reads and restores snapshot files: etcdutl since 3.5 (CHANGELOG-3.5), and it alone from 3.6 on. */
  readonly snapshotTool: 'etcdctl' | 'etcdutl';
  /** Whether etcdctl still reads them beside it, as deprecated (CHANGELOG-3.5). */
  readonly etcdctlReadsToo?: true;
  /** Path of the gRPC gateway: 3.3 serves below /v3beta only (embed/serve.go). */
  readonly gateway: '/v3beta' | '/v3';
  /** The first patch whose gateway has a path of its own for hashes of keys and values; before, it may hash the file (etcd#16490). */
  readonly hashesKeysFrom?: number;
  /** The first patch that serves http and https at one client port without a data race (etcd#15495). */
  readonly sharesPortFrom?: number;
  /** The first patch whose restore moves the revision on and marks what was before as compacted (etcd#16029). */
  readonly bumpsRevisionFrom?: number;
  /** Whether users without a password exist: `user add --no-password`. */
  readonly hasUsersWithoutPassword: boolean;
  /** Whether etcd logs in its old, unstructured way unless told. 3.3 cannot be told. */
  readonly needsLogger: boolean;
  /** Whether its listeners speak TLS 1.3 (3.3 stops at TLS 1.2: tried with 3.3.25). */
  readonly hasTls13: boolean;
  /** Whether suites that HTTP/2 accepts must come first in a list: built by Go up to 1.16 (x/net/http2, ConfigureServer). */
  readonly wantsHttp2SuitesFirst: boolean;
  /** Whether a member may join without a vote, until it has caught up: one at a time (CHANGELOG-3.4). */
  readonly hasLearners: boolean;
  /** Whether it reads a revocation list as PEM too; one that does not refuses every connection. */
  readonly readsPemCrl: boolean;
  /** Whether its YAML file may say which names a peer or client must have; before, it passes over that. */
  readonly hasNamesInYaml?: true;
  /** Whether to name a CA for clients is to ask them for certificates, without client-cert-auth. */
  readonly caAsks: boolean;
  /** Whether it can be told to log in the old, unstructured way. */
  readonly hasCapnslog: boolean;
  /** Whether its programs are Go modules, which anybody can compile. */
  readonly isGoModules: boolean;
  /** Whether etcd goes by the members in its database: before 3.6 a restore may leave former ones there (etcd#19557). */
  readonly membersInDatabase: boolean;
  /** What `v2-deprecation` may be. */
  readonly v2Deprecations: readonly string[];
  /** Whether an origin for CORS must name its port. */
  readonly originsNeedPort: boolean;
  /** What `feature-gates` may name (server/features/etcd_features.go). */
  readonly featureGates: readonly string[];
  /** What `sign-method` of JWT may be. */
  readonly jwtMethods: readonly string[];
  /** Whether JWT wants both keys, and knows no further option. */
  readonly jwtNeedsBothKeys: boolean;
  /** Whether a public key of JWT may be PKCS #1: `BEGIN RSA PUBLIC KEY`. */
  readonly jwtReadsPkcs1: boolean;
  /** The first patch from which one may go on to the next minor version; any where it is missing (etcd-facts §6.2). */
  readonly goesOnFrom?: number;
  /** Whether a running cluster goes back to the minor version before by etcd's own means: `etcdctl downgrade` (downgrade_3_6.md). */
  readonly goesBack?: true;
  /** Whether it ends at its start where its log holds requests of the v2 API, such as those of members up to 3.5. */
  readonly endsOnV2Log?: true;
  /** Whether the next minor version wants nothing left of the v2 API: `etcdutl check v2store` (upgrade_3_6.md). */
  readonly endsV2?: true;
  /** Whether members of the next minor version judge tokens and revisions of users otherwise (upgrade_3_5.md, etcd#11943). */
  readonly partsFromNextByAuth?: true;
  /** The first patch without each defect; absent where the minor version never had it, or never lost it. */
  readonly fixedFrom: Readonly<Partial<Record<DefectId, number>>>;
}

const DEFECT_IDS = [
  'divergence',
  'defragCorruption',
  'authBypass',
  'handshakes',
  'watchAuth',
] as const;

export type DefectId = (typeof DEFECT_IDS)[number];

/** What is wrong with releases before the patch in `fixedFrom`. */
export const DEFECTS: Readonly<Record<DefectId, string>> = {
  divergence: 'members can diverge when one is killed (etcd#13766)',
  defragCorruption:
    'a defragmentation beside a snapshot from the leader can corrupt data (etcd#20653)',
  authBypass:
    'some requests pass without their permission being checked (CVE-2026-33413, CVE-2026-33343)',
  handshakes: 'unfinished TLS handshakes can exhaust it (GHSA-6vch-q96h-7gc3)',
  watchAuth: 'a watch can show keys its user may not read (GHSA-xg4h-6gfc-h4m8)',
};

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const JWT = [...RSA, 'ES256', 'ES384', 'ES512', 'HS256', 'HS384', 'HS512'];
const V2_KEPT = ['not-yet', 'write-only', 'write-only-drop-data', 'gone'];
const V2_GONE = ['write-only', 'write-only-skip-check', 'write-only-drop-data', 'gone'];
const GATES = [
  ...['AllAlpha', 'AllBeta', 'StopGRPCServiceOnDefrag', 'TxnModeWriteWithSharedBuffer'],
  ...['InitialCorruptCheck', 'CompactHashCheck', 'LeaseCheckpoint', 'LeaseCheckpointPersist'],
  'SetMemberLocalAddr',
];

/** One row for each minor version that provision knows, oldest first. */
export const VERSIONS: readonly MinorVersion[] = [
  {
    ...{ minor: '3.3', newest: 27, ended: 'October 2021' },
    ...{ snapshotTool: 'etcdctl', gateway: '/v3beta' },
    ...{ hasUsersWithoutPassword: false, needsLogger: false },
    ...{ hasTls13: false, wantsHttp2SuitesFirst: true, membersInDatabase: false },
    ...{ v2Deprecations: [], originsNeedPort: false, featureGates: [] },
    ...{ jwtMethods: RSA, jwtNeedsBothKeys: true, jwtReadsPkcs1: false },
    ...{ readsPemCrl: true, hasCapnslog: true, isGoModules: false },
    ...{ hasLearners: false, caAsks: false },
    fixedFrom: {},
  },
  {
    ...{ minor: '3.4', newest: 45, ended: 'June 2026' },
    ...{ snapshotTool: 'etcdctl', gateway: '/v3', sharesPortFrom: 25, bumpsRevisionFrom: 27 },
    ...{ hasUsersWithoutPassword: true, needsLogger: true },
    ...{ hasTls13: true, wantsHttp2SuitesFirst: true, membersInDatabase: false },
    ...{ v2Deprecations: [], originsNeedPort: true, featureGates: [] },
    ...{ jwtMethods: JWT, jwtNeedsBothKeys: false, jwtReadsPkcs1: false },
    ...{ readsPemCrl: true, hasCapnslog: true, isGoModules: false },
    ...{ hasLearners: true, caAsks: true },
    ...{ goesOnFrom: 22, partsFromNextByAuth: true },
    fixedFrom: { defragCorruption: 38, authBypass: 42 },
  },
  {
    ...{ minor: '3.5', newest: 33 },
    etcdctlReadsToo: true,
    ...{ snapshotTool: 'etcdutl', gateway: '/v3', sharesPortFrom: 8, bumpsRevisionFrom: 10 },
    hashesKeysFrom: 10,
    ...{ hasUsersWithoutPassword: true, needsLogger: false },
    ...{ hasTls13: true, wantsHttp2SuitesFirst: false, membersInDatabase: false },
    ...{ v2Deprecations: V2_KEPT, originsNeedPort: true, featureGates: [] },
    ...{ jwtMethods: JWT, jwtNeedsBothKeys: false, jwtReadsPkcs1: false },
    ...{ readsPemCrl: true, hasCapnslog: false, isGoModules: true },
    ...{ hasLearners: true, hasNamesInYaml: true, caAsks: true },
    ...{ goesOnFrom: 32, endsV2: true },
    fixedFrom: {
      ...{ divergence: 3, defragCorruption: 23, authBypass: 28 },
      ...{ handshakes: 33, watchAuth: 33 },
    },
  },
  {
    ...{ minor: '3.6', newest: 14 },
    ...{ snapshotTool: 'etcdutl', gateway: '/v3', sharesPortFrom: 0, bumpsRevisionFrom: 0 },
    hashesKeysFrom: 0,
    ...{ hasUsersWithoutPassword: true, needsLogger: false },
    ...{ hasTls13: true, wantsHttp2SuitesFirst: false, membersInDatabase: true },
    ...{ v2Deprecations: V2_GONE, originsNeedPort: true, featureGates: GATES },
    ...{ jwtMethods: [...JWT, 'EdDSA'], jwtNeedsBothKeys: false, jwtReadsPkcs1: true },
    ...{ readsPemCrl: false, hasCapnslog: false, isGoModules: true },
    ...{ hasLearners: true, hasNamesInYaml: true, caAsks: true },
    ...{ goesOnFrom: 11, goesBack: true },
    fixedFrom: { defragCorruption: 5, authBypass: 9, handshakes: 14, watchAuth: 14 },
  },
  {
    ...{ minor: '3.7', newest: 1 },
    ...{ snapshotTool: 'etcdutl', gateway: '/v3', sharesPortFrom: 0, bumpsRevisionFrom: 0 },
    hashesKeysFrom: 0,
    ...{ hasUsersWithoutPassword: true, needsLogger: false },
    ...{ hasTls13: true, wantsHttp2SuitesFirst: false, membersInDatabase: true },
    ...{
      v2Deprecations: V2_GONE,
      originsNeedPort: true,
      featureGates: [...GATES, 'FastLeaseKeepAlive', 'PriorityRequest'],
    },
    ...{ jwtMethods: [...JWT, 'EdDSA'], jwtNeedsBothKeys: false, jwtReadsPkcs1: true },
    ...{ readsPemCrl: false, hasCapnslog: false, isGoModules: true },
    ...{ hasLearners: true, hasNamesInYaml: true, caAsks: true },
    ...{ goesBack: true, endsOnV2Log: true },
    fixedFrom: { handshakes: 1, watchAuth: 1 },
  },
];

/** What a new inventory asks for where nothing else is said. */
export const DEFAULT_VERSION = newestOf('3.5');

/** The newest release that provision knows. */
export const NEWEST_VERSION = newestOf(VERSIONS.at(-1)?.minor ?? '');

/** `3.5` of `3.5.30`. */
export function minorOf(version: string): string {
  return version.split('.', 2).join('.');
}

/** Whether a version comes before another, by major, minor and patch. */
export function isOlder(version: string, other: string): boolean {
  const [one, two] = [coerce(version), coerce(other)];
  return one !== null && two !== null && lt(one, two);
}

/** What is known of the minor version of `3.5.30`; undefined where provision does not know it. */
export function versionRow(version: string): MinorVersion | undefined {
  return VERSIONS.find((row) => row.minor === minorOf(version));
}

/** The program that reads and restores snapshot files of this version. */
export function snapshotTool(version: string): 'etcdctl' | 'etcdutl' {
  return rowOrLast(version).snapshotTool;
}

/** Whether etcdctl will do, where what somebody else has installed is without that program. */
export function etcdctlReadsToo(version: string): boolean {
  return rowOrLast(version).etcdctlReadsToo === true;
}

/** Whether a restore by this version can move the revision on and mark what was before as compacted. */
export function canBumpRevision(version: string): boolean {
  return has(version, rowOrLast(version).bumpsRevisionFrom);
}

/** Whether this version serves http and https at one client port without a data race. */
export function sharesPort(version: string): boolean {
  return has(version, rowOrLast(version).sharesPortFrom);
}

/** Whether the gateway of this version gives hashes of keys and values, which members that hold the same have in common. */
export function hashesKeys(version: string): boolean {
  return has(version, rowOrLast(version).hashesKeysFrom);
}

/** The path below which this version serves its gRPC gateway. */
export function gatewayPath(version: string): '/v3beta' | '/v3' {
  return rowOrLast(version).gateway;
}

/** Whether this version takes a new member as a learner, which has no vote until it has caught up. */
export function hasLearners(version: string): boolean {
  return rowOrLast(version).hasLearners;
}

/** Whether this version goes by the members in its database, so that nobody in it is a remnant of a restore. */
export function membersInDatabase(version: string): boolean {
  return rowOrLast(version).membersInDatabase;
}

/** Whether the minor version after this one starts with nothing left of the v2 API only. */
export function endsV2(version: string): boolean {
  return rowOrLast(version).endsV2 === true;
}

/** Whether a member of this version asks clients for certificates once it is told of a CA for them. */
export function caAsks(version: string): boolean {
  return rowOrLast(version).caAsks;
}

/** Whether the YAML file of this version may say which names a peer or client must have. */
export function hasNamesInYaml(version: string): boolean {
  return rowOrLast(version).hasNamesInYaml === true;
}

/** Whether members of this version and of the next minor one do not work beside each other where authentication is on. */
export function partsFromNextByAuth(version: string): boolean {
  return rowOrLast(version).partsFromNextByAuth === true;
}

/** The first minor version of which something holds, as it is called: `3.5`. */
export function firstMinor(holds: (row: MinorVersion) => boolean): string {
  return VERSIONS.find(holds)?.minor ?? '';
}

/** The first release of each minor version that can do what others of it cannot, as a sentence has them: `3.4.27, 3.5.10`. */
export function firstReleases(ability: 'bumpsRevisionFrom' | 'sharesPortFrom' | 'hashesKeysFrom') {
  return VERSIONS.flatMap(({ minor, [ability]: from = 0 }) =>
    from > 0 ? [`${minor}.${from}`] : [],
  ).join(', ');
}

/** The defects that this release has and a later patch of its minor version has not. */
export function defectsOf(version: string): readonly DefectId[] {
  const { fixedFrom } = rowOrLast(version);
  return DEFECT_IDS.filter((id) => patchOf(version) < (fixedFrom[id] ?? 0));
}

/** What is known of a version; of one that is later than all known ones, what is known of the last. */
export function rowOrLast(version: string): MinorVersion {
  const row = versionRow(version) ?? VERSIONS.at(-1);
  if (row === undefined) throw new RangeError('no version of etcd is known');
  return row;
}

function has(version: string, from: number | undefined): boolean {
  return from !== undefined && patchOf(version) >= from;
}

/** 30 of `3.5.30`. */
export function patchOf(version: string): number {
  return coerce(version)?.patch ?? 0;
}

/** The newest known release of a minor version: `3.5.33` of `3.5`. */
export function newestOf(wanted: string): string {
  return `${wanted}.${VERSIONS.find((row) => row.minor === wanted)?.newest}`;
}
