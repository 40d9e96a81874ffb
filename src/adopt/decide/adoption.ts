import type { EtcdMember } from '../../etcd/answers.ts';
import type { FoundEtcd, FoundHost } from '../look/find-etcds.ts';

/** One etcd, and the host that it is on. */
export interface Found {
  /** As it was dialled. */
  readonly host: string;
  readonly machine: FoundHost['host'];
  /** How many etcds are on that host. */
  readonly beside: number;
  readonly etcd: FoundEtcd;
}

/** A member of the list, with the etcd that it is where its host was seen. */
export interface AdoptedMember {
  readonly listed: EtcdMember;
  readonly found: Found | undefined;
}

/** A cluster that something else made, as it was found. */
export interface AdoptedCluster {
  readonly clusterId: string;
  readonly members: readonly AdoptedMember[];
  /** Etcds of this cluster by their log, whom the list does not have. */
  readonly strangers: readonly Found[];
}

/** By whose list and log an etcd belongs to a cluster; undefined where neither says. */
export function clusterIdOf({ etcd }: Found): string | undefined {
  return etcd.told.members?.clusterId ?? etcd.told.status?.clusterId ?? etcd.look.log?.clusterId;
}

/** The clusters that were found, each with its members by the list that it holds; etcds that belong to none by what they say are left out. */
export function clustersOf(found: readonly Found[]): readonly AdoptedCluster[] {
  const ids = [...new Set(found.flatMap((one) => clusterIdOf(one) ?? []))];
  return ids.map((clusterId) => {
    const own = found.filter((one) => clusterIdOf(one) === clusterId);
    const list = own.find(({ etcd }) => etcd.told.members !== undefined)?.etcd.told.members;
    const listed = list?.members ?? [];
    const members = listed
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((one) => ({ listed: one, found: theOne(own, one.id) }));
    return {
      clusterId,
      members,
      strangers: own.filter((one) => members.every(({ found }) => found !== one)),
    };
  });
}

/** The etcd that is this member. Of several with its data, as behind a copy of a disk, the one that runs. */
function theOne(own: readonly Found[], id: string): Found | undefined {
  const all = own.filter((one) => memberIdOf(one) === id);
  return all.find(({ etcd }) => etcd.process !== undefined) ?? all[0];
}

/** By its own word, else by its log. */
export function memberIdOf({ etcd }: Found): string | undefined {
  return etcd.told.status?.memberId ?? etcd.look.log?.memberId;
}
