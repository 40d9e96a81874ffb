import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { majority } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { storedEntry, storedMembership, storedStrangers } from './stored-membership.ts';

/** Who votes in the cluster of an inventory. */
export interface Voting {
  readonly voters: number;
  /** Voters that must answer for a read or a write. */
  readonly needed: number;
  /** Voters that the inventory does not name: nobody has looked at their hosts. */
  readonly unnamed: number;
  /** Whether the member of the inventory is one of them. */
  readonly votes: (name: string) => boolean;
}

/**
 * Counts over the list that etcd holds, where nobody tells it over the one that the hosts have stored. Where no host has one
 * either there is no cluster yet: the inventory is the list that is coming.
 */
export function votingOf(desired: DesiredCluster, facts: Pick<ClusterFacts, 'members'>): Voting {
  const { list, members, strangers } = observed(desired, facts);
  const stored = list === undefined ? storedMembership(desired, facts) : undefined;
  if (list === undefined && stored === undefined) {
    const { length } = members;
    const named = new Set(members.map(({ name }) => name));
    return {
      ...{ voters: length, needed: majority(length), unnamed: 0 },
      votes: (name) => named.has(name),
    };
  }
  const all = list?.members ?? stored?.members ?? [];
  const others = stored === undefined ? strangers : storedStrangers(desired, stored);
  const entries = new Map(
    members.map((one) => [one.name, stored ? storedEntry(stored, one.desired) : one.listed]),
  );
  const voters = all.filter(isVoter).length;
  return {
    ...{ voters, needed: majority(voters), unnamed: others.filter(isVoter).length },
    votes: (name) => {
      const entry = entries.get(name);
      return entry !== undefined && isVoter(entry);
    },
  };
}

function isVoter({ isLearner }: EtcdMember): boolean {
  return !isLearner;
}
