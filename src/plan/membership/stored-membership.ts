import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { bootstrapMemberId } from '../../etcd/identity.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { membersInDatabase } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, type SeenMember, someoneAnswers } from '../../observed/observed.ts';
import { readConf } from '../environment-file.ts';
import { type SetUp, setUpOf } from '../ownership/set-up.ts';

/** The members of a cluster of which nobody answers, as its hosts hold them. */
export interface StoredMembership {
  /** Those that are certain; an id is empty where only the configuration names a member. */
  readonly members: readonly EtcdMember[];
  /** Ids that the cluster never takes back. */
  readonly removed: ReadonlySet<string>;
  /** Where it is written, for a sentence. */
  readonly source: string;
}

type Place = Pick<EtcdMember, 'name' | 'peerUrls'>;

/**
 * Reads the membership where nobody tells it: from the database that has applied most, else from the configuration of members
 * that have been in a quorum. A database alone proves a member only where etcd goes by it; older ones may list members from
 * before a restore, so there the first start must have made its id, or a configuration name it too. Nothing where somebody
 * tells the membership, or where data of several clusters lies on the hosts.
 */
export function storedMembership(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): StoredMembership | undefined {
  const { list, seen } = observed(cluster, facts);
  if (list !== undefined || someoneAnswers(facts)) return undefined;
  const own = seen.flatMap((member) => {
    const setUp = setUpOf(cluster, member.found);
    return setUp === undefined ? [] : [{ ...member, setUp }];
  });
  const clusters = new Set(own.flatMap(({ found }) => found.data?.wal?.clusterId ?? []));
  if (clusters.size > 1) return undefined;
  const formed = own.filter(({ setUp }) => setUp.formed && setUp.initialCluster.size > 0);
  const holder = newestDatabase(own);
  const held = holder?.found.database?.members;
  // A restore with the former token makes former ids again, also of those removed before.
  const isHeld = new Set(held?.map(({ id }) => id));
  const gone = own.flatMap(({ found }) => found.database?.removed ?? []);
  const removed = new Set(gone.filter((id) => !isHeld.has(id)));
  if (holder === undefined || held === undefined) {
    if (formed.length === 0) return undefined;
    const [first] = formed;
    const members = configured(first?.setUp).filter((one) =>
      formed.every(({ setUp }) => configured(setUp).some((other) => isSame(one, other))),
    );
    return { members, removed, source: `etcd.conf of ${first?.name}` };
  }
  const tokens = [...new Set(own.flatMap(({ found }) => tokenOf(found) ?? []))];
  const isMadeHere = (one: EtcdMember) => tokens.some((token) => isOfFirstStart(one, token));
  const isCertain = (one: EtcdMember) =>
    isMadeHere(one) ||
    formed.some(({ setUp }) => configured(setUp).some((other) => isSame(one, other)));
  const alive = new Set(own.flatMap(({ found }) => found.data?.wal?.memberId ?? []));
  const rank = (one: EtcdMember) => (alive.has(one.id) ? 2 : isMadeHere(one) ? 1 : 0);
  return {
    members: membersInDatabase(cluster.version)
      ? held
      : oneForEachPlace(held.filter(isCertain), rank),
    removed,
    source: `the data of ${holder.name}`,
  };
}

// A restore leaves the former member beside the present one, at the same address under another id.
function oneForEachPlace(
  members: readonly EtcdMember[],
  rank: (member: EtcdMember) => number,
): readonly EtcdMember[] {
  const inOrder = members.toSorted((one, other) => rank(other) - rank(one));
  const kept = inOrder.filter(
    (one, at) => !inOrder.slice(0, at).some((other) => isSame(one, other)),
  );
  return members.filter((one) => kept.includes(one));
}

/** The entry of a place of the inventory: by its address, else by its name. */
export function storedEntry(
  { members }: StoredMembership,
  { name, peerUrl }: { readonly name: string; readonly peerUrl: string },
): EtcdMember | undefined {
  return members.find((one) => isAt(one, peerUrl)) ?? members.find((one) => one.name === name);
}

/** Stored members that the inventory does not have, neither by address nor by name. */
export function storedStrangers(
  { members }: Pick<DesiredCluster, 'members'>,
  stored: StoredMembership,
): readonly EtcdMember[] {
  const wanted = members.map(({ name, peerUrl }) => ({ name, peerUrls: [peerUrl] }));
  return stored.members.filter((one) => !wanted.some((other) => isSame(one, other)));
}

function tokenOf({ conf }: SeenMember['found']): string | undefined {
  return readConf(conf?.content)?.values.get('ETCD_INITIAL_CLUSTER_TOKEN');
}

/** Whether the first start with this token, or the restore, gave the member its id; its scheme may have changed since. */
function isOfFirstStart({ id, peerUrls }: EtcdMember, token: string): boolean {
  return ['http', 'https'].some((scheme) => {
    const urls = peerUrls.map((url) => `${scheme}${url.slice(url.indexOf(':'))}`);
    return bootstrapMemberId(urls, token) === id;
  });
}

function newestDatabase(own: readonly SeenMember[]): SeenMember | undefined {
  const index = ({ found }: SeenMember) => found.database?.index ?? -1;
  const [newest] = own
    .filter(({ found }) => (found.database?.members?.length ?? 0) > 0)
    .toSorted((one, other) => index(other) - index(one));
  return newest;
}

function configured(setUp: SetUp | undefined): readonly EtcdMember[] {
  return [...(setUp?.initialCluster ?? [])].map(([name, url]) => ({
    ...{ id: '', name, peerUrls: [url], clientUrls: [], isLearner: false },
  }));
}

function isSame(one: Place, other: Place): boolean {
  return (
    one.peerUrls.some((url) => isAt(other, url)) || (one.name !== '' && one.name === other.name)
  );
}
