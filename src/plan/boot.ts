import type { DesiredCluster } from '../desired/cluster.ts';
import type { EtcdMember } from '../etcd/answers.ts';
import { bootstrapClusterId } from '../etcd/identity.ts';
import { isAt } from '../etcd/peer-url.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { allFound } from '../observed/found.ts';
import { listTold } from '../observed/membership.ts';
import { type SeenMember, seenMembers } from '../observed/observed.ts';
import { groupedBy } from '../problem/grouped.ts';
import type { Proposal } from '../problem/problem.ts';
import { type Remedy, remedy } from '../problem/remedy.ts';
import { readConf } from './environment-file.ts';
import { foreignData, ownsData } from './ownership/foreign-data.ts';
import type { Refusal } from './plan.ts';
import { dataTrouble } from './refusing/data-trouble.ts';
import { goOnWithout, remedies } from './refusing/remedies.ts';
import { safely } from './refusing/situation.ts';
import { mixedClusters } from './restoring/mixed-clusters.ts';
import { membersWithUsableData } from './start-without.ts';

/** How far the cluster's first start has come. */
export interface Boot {
  /** initial-cluster-token of this first start; the hosts keep it. */
  readonly token: string;
  /** Whether the cluster has had quorum once: from then on no member may start as `new` (etcd-facts R11). */
  readonly formed: boolean;
  readonly refusals: readonly Refusal[];
}

/** Whether a member without its etcd.conf has data that a leader has written to. */
function wasMember(desired: DesiredCluster, { desired: member, found }: SeenMember): boolean {
  return (
    found.conf === undefined && found.data?.wasLed === true && ownsData(desired, member, found)
  );
}

/** The token of the first start that the hosts keep in their etcd.conf, if any of them does. */
export function keptToken(desired: DesiredCluster, facts: ClusterFacts): string | undefined {
  return allFound(facts)
    .map(({ conf }) => readConf(conf?.content))
    .find((conf) => conf?.cluster === desired.name)
    ?.values.get('ETCD_INITIAL_CLUSTER_TOKEN');
}

/** Decides between first start, finishing a first start and an existing cluster, or says why none of them is safe. */
export function planBoot(desired: DesiredCluster, facts: ClusterFacts, freshToken: string): Boot {
  const members = seenMembers(desired, facts);
  // Those that are to leave tell as well what the cluster is.
  const told = allFound(facts);
  const confs = told.map(({ conf }) => readConf(conf?.content));
  const ours = confs.filter((conf) => conf?.cluster === desired.name);
  const said = (name: string) => new Set(ours.flatMap((conf) => conf?.values.get(name) ?? []));
  const tokens = [...said('ETCD_INITIAL_CLUSTER_TOKEN')];
  const token = tokens[0] ?? freshToken;
  const started = startedNames(members);
  // Who joins later is not in the list that a first start makes.
  const list = listTold(told)?.members ?? [];
  const isListed = (peerUrl: string) => list.length === 0 || list.some((one) => isAt(one, peerUrl));
  const formed =
    said('ETCD_INITIAL_CLUSTER_STATE').has('existing') ||
    members.some((member) => wasMember(desired, member)) ||
    (started.size > 0 &&
      desired.members.every(({ name, peerUrl }) => started.has(name) || !isListed(peerUrl)));

  const usable = membersWithUsableData(members);
  const refusals = safely(desired, facts, [
    ...members.flatMap((member) => foreignData(desired, member)),
    ...mixedClusters(desired, members),
    ...clonedMembers(members, list),
    ...strangerToken(desired, members, token, formed),
    ...members
      .filter((member) => !isNewcomer(member, list))
      .flatMap((member) => lostData(desired, member, { formed, started, usable })),
    ...members
      .filter((member) => foreignData(desired, member).length === 0)
      .flatMap((member) => badData(member, usable)),
    ...(tokens.length > 1 ? [severalTokens(desired, tokens)] : []),
  ]);
  return { token, formed, refusals };
}

// A first start gives every member its name at once; client URLs are what a member publishes itself, once it has had quorum.
function startedNames(members: readonly SeenMember[]): ReadonlySet<string> {
  const listed = members.flatMap(({ found }) => found.etcd.members?.members ?? []);
  return new Set(listed.flatMap(({ name, clientUrls }) => (clientUrls.length === 0 ? [] : [name])));
}

/**
 * A member that nobody has added, or has added and seen start: it has no log yet, and needs none. What an
 * attempt to start left before it reached a peer is not data of a member.
 */
function isNewcomer({ desired, found }: SeenMember, listed: readonly EtcdMember[]): boolean {
  const own = listed.filter(({ peerUrls }) => peerUrls.includes(desired.peerUrl));
  const isUnseen = own.every(({ name, clientUrls }) => name === '' && clientUrls.length === 0);
  return found.data?.hasLog !== true && listed.length > 0 && isUnseen;
}

/**
 * Whether the member of a formed cluster does not run for want of its log. systemd may have forgotten that it refused a
 * start, so what etcd.conf says counts as well.
 */
export function isDataMissing({ unit, data, conf }: MemberFacts): boolean {
  if (unit.pid > 0 || data?.hasLog === true) return false;
  const state = readConf(conf?.content)?.values.get('ETCD_INITIAL_CLUSTER_STATE');
  return unit.startRefused || state === 'existing';
}

/** Two processes that speak as one member, as after cloning a machine, break what raft rests on. */
function clonedMembers(
  members: readonly SeenMember[],
  list: readonly EtcdMember[],
): readonly Proposal[] {
  const names = groupedBy(members, ({ found }) => found.data?.wal?.memberId);
  return [...names]
    .filter(([id, holders]) => id !== undefined && holders.length > 1)
    .map(([id, holders]) => {
      const entry = list.find((one) => one.id === id);
      const isCopy = ({ desired }: SeenMember) =>
        entry !== undefined && !isAt(entry, desired.peerUrl);
      return {
        kind: 'cloned-member',
        about: holders.map(({ name }) => name),
        sentence: `${holders.map(({ name }) => name).join(' and ')} hold the data of one and the same member ${id}: a copy of a disk must never run beside its original`,
        next: [
          ...holders.filter(isCopy).map(({ name }) => remedies.replaceCopy(name)),
          remedy`start neither before it is known which one is the original: it is the one whose address is in the member list`,
        ],
      };
    });
}

/** Before quorum was ever reached, data must stem from the very first start that etcd.conf names. */
function strangerToken(
  cluster: DesiredCluster,
  members: readonly SeenMember[],
  token: string,
  formed: boolean,
): readonly Proposal[] {
  if (formed) return [];
  const expected = bootstrapClusterId(
    cluster.members.map((member) => member.peerUrl),
    token,
  );
  return members.flatMap(({ desired, found }) => {
    const held = found.data?.wal?.clusterId;
    if (held === undefined || held === expected || found.etcd.members !== undefined) return [];
    // Data that is not ours at all is refused as such.
    if (readConf(found.conf?.content)?.cluster !== cluster.name) return [];
    return [
      {
        kind: 'data-of-another-start',
        about: [desired.name],
        sentence: `${desired.name}: ${found.data?.elsewhere?.at ?? cluster.paths.data} belongs to cluster ${held}, but a first start with this inventory makes ${expected}`,
        next: [remedies.putInventoryBack(), remedies.wipe()],
      },
    ];
  });
}

/** What is known of the first start and of everybody's data. */
interface Known {
  readonly formed: boolean;
  /** Members that have started once. */
  readonly started: ReadonlySet<string>;
  /** Members whose data is of use. */
  readonly usable: readonly string[];
}

/** A member that has been in the cluster and has no data any more must not start: it would come back with an empty log. */
function lostData(
  cluster: DesiredCluster,
  { desired, found }: SeenMember,
  { formed, started, usable }: Known,
): readonly Proposal[] {
  const { data } = found;
  if (data?.used === true && data.hasLog) return [];
  const isHalf = data?.lacksStore === true;
  if (!formed && !started.has(desired.name) && !isHalf) return [];
  const gone = isHalf
    ? `its write-ahead log is in ${data.logAt ?? cluster.paths.wal}, and the rest of its data is gone (${cluster.paths.data} is missing or empty)`
    : data?.used === true
      ? `its write-ahead log is gone (${cluster.paths.wal} is missing or empty)`
      : `its data is gone (${cluster.paths.data} is ${data === undefined ? 'missing' : 'empty'})`;
  return [
    {
      kind: 'data-gone',
      about: [desired.name],
      sentence: `${desired.name}: ${gone} although it was a member; is a disk not mounted?`,
      next: [remedies.mountDisk(desired.name), ...withoutIt(desired.name, usable)],
    },
  ];
}

/** Members that etcd would not start with the database they have. */
export function databaseRefusals(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const members = seenMembers(desired, facts);
  const usable = membersWithUsableData(members);
  const problems = members.flatMap((member) => badData(member, usable));
  return safely(desired, facts, problems);
}

/** A start would end at once, again and again. */
function badData({ name, found }: SeenMember, usable: readonly string[]): readonly Proposal[] {
  const trouble = dataTrouble(found);
  if (trouble === undefined) return [];
  return [
    {
      kind: 'database-damaged',
      about: [name],
      sentence: `${name}: ${trouble}; etcd would end as soon as it is started`,
      next: withoutIt(name, usable),
    },
  ];
}

/** What to do about a member whose own data is of no use. */
function withoutIt(name: string, usable: readonly string[]): readonly Remedy[] {
  return [remedies.replaceMember(name), remedies.keepOthers(name), ...goOnWithout(name, usable)];
}

function severalTokens(cluster: DesiredCluster, tokens: readonly string[]): Proposal {
  return {
    kind: 'several-first-starts',
    about: [],
    sentence: `${cluster.name}: the hosts' etcd.conf name ${tokens.length} different first starts (initial-cluster-token ${tokens.join(', ')})`,
    next: [
      remedy`put the etcd.conf of the host that differs back to what the others have`,
      remedies.wipe(),
    ],
  };
}
