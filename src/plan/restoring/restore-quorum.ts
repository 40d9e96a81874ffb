import type { DesiredCluster } from '../../desired/cluster.ts';
import type { MemberList } from '../../etcd/answers.ts';
import { isAt, sameAddress } from '../../etcd/peer-url.ts';
import { majority, neverStarted } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { FormerVoters, RestoreIntent } from '../../facts/data/restore-intent.ts';
import { heldList } from '../../observed/membership.ts';
import { storedMembership } from '../membership/stored-membership.ts';
import { votingOf } from '../membership/voting.ts';
import { isRestored, type UnfinishedRestore } from './half-restored.ts';
import { begunWith } from './restore-goal.ts';

type Hosts = ReadonlyMap<string, UnfinishedRestore>;
type Facts = Pick<ClusterFacts, 'members'>;

/**
 * The voters by the list that etcd holds, told by a member or read from its data; undefined where nobody has one. Facts must be
 * of one cluster alone.
 */
export function votersOf(desired: DesiredCluster, facts: Facts): FormerVoters | undefined {
  const list = heldList(facts)?.members ?? storedMembership(desired, facts)?.members;
  if (list === undefined || list.length === 0) return undefined;
  const { voters, votes } = votingOf(desired, facts);
  const named = desired.members.map(({ name }) => name).filter(votes);
  const others = list.filter((one) => !desired.members.some(({ peerUrl }) => isAt(one, peerUrl)));
  const absent = neverStarted(others).filter(({ isLearner }) => !isLearner).length;
  return { voters, named, absent };
}

/**
 * The voters of the cluster that was there before a restore: as a member that runs on its data tells it now, else as the
 * records of the restore have it, else as its data has it. Where none of these knows, the members of the inventory.
 */
export function formerVoters(desired: DesiredCluster, hosts: Hosts): FormerVoters {
  const intents = [...hosts.values()].flatMap(({ found }) => found.intent ?? []);
  const former = [...hosts].filter(([, host]) => !intents.some((one) => isRestored(host, one)));
  const facts = { members: new Map(former.map(([name, host]) => [name, host.facts])) };
  const isTold = heldList(facts) !== undefined;
  const recorded = intents.toSorted((a, b) => (a.began < b.began ? 1 : -1));
  const names = desired.members.map(({ name }) => name);
  return (
    (isTold ? votersOf(desired, facts) : undefined) ??
    recorded.find((one) => one.former !== undefined)?.former ??
    votersOf(desired, facts) ?? { voters: names.length, named: names, absent: 0 }
  );
}

/** Whether these members of the inventory are enough for a quorum of the former cluster, whatever other members may have a vote there. */
export function areMost({ voters, named }: FormerVoters, names: Iterable<string>): boolean {
  return [...names].filter((name) => named.includes(name)).length >= majority(voters);
}

/** Whether the former cluster can have a quorum while these members are of no use to it; who is not known may be there. */
export function canServeWithout(
  { voters, named, absent }: FormerVoters,
  lost: readonly string[],
): boolean {
  const down = lost.filter((name) => named.includes(name)).length;
  return voters - absent - down >= majority(voters);
}

/** How many voters a restored cluster may have had, of which so many are seen to hold its data and so many cannot be asked. */
export interface RestoredQuorum {
  readonly needed: number;
  readonly restored: number;
  readonly unasked: number;
}

/**
 * The quorum of the cluster that a restore makes, by each list that it may have had: the one that it was begun with, and the one
 * that its etcd holds by now. Empty where the list is not known: another inventory began it and did not record it.
 */
export function restoredQuorums(
  desired: DesiredCluster,
  hosts: Hosts,
  intent: RestoreIntent,
): readonly RestoredQuorum[] {
  const begun = begunWith(desired, intent);
  const lists = [
    ...(begun === undefined ? [] : [begun.map((url) => [url])]),
    ...told(hosts, intent).map(({ members }) =>
      members.filter(({ isLearner }) => !isLearner).map(({ peerUrls }) => peerUrls),
    ),
  ];
  return lists.map((voters) => {
    const found = voters.map((urls) => {
      const member = desired.members.find(({ peerUrl }) =>
        urls.some((url) => sameAddress(url, peerUrl)),
      );
      const host = member && hosts.get(member.name);
      return host && (isRestored(host, intent) ? 'restored' : 'other');
    });
    return {
      needed: majority(voters.length),
      restored: found.filter((one) => one === 'restored').length,
      unasked: found.filter((one) => one === undefined).length,
    };
  });
}

function told(hosts: Hosts, { clusterId }: RestoreIntent): readonly MemberList[] {
  const lists = [...hosts.values()].flatMap(({ facts: { etcd, reportedList } }) => [
    ...(etcd.members === undefined ? [] : [etcd.members]),
    ...(reportedList === undefined ? [] : [reportedList]),
  ]);
  return lists.filter((list) => list.clusterId === clusterId && list.members.length > 0);
}
