import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { describeQuorum, type Quorum, quorumWithout } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { answeringIds, leaderId } from '../../observed/membership.ts';
import { observed, someoneAnswers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { newcomers } from './membership.ts';
import { retireByHand } from './retire-by-hand.ts';

type Facts = Pick<ClusterFacts, 'members' | 'answeringStrangers'>;

/** A member that the inventory does not name any more, and that a person has agreed to remove. */
export interface Leaving {
  readonly entry: EtcdMember;
  /** Whether it answers: then it stays until those that join have joined. */
  readonly answers: boolean;
  readonly leads: boolean;
}

/** The members of etcd's list that are to go, by their names or ids. */
export function leavingMembers(
  cluster: DesiredCluster,
  facts: Facts,
  removes: readonly string[],
): readonly Leaving[] {
  if (!someoneAnswers(facts)) return [];
  const { strangers } = observed(cluster, facts);
  const answering = new Set([...answeringIds(facts), ...(facts.answeringStrangers ?? [])]);
  const leader = leaderId(facts);
  return strangers
    .filter((one) => removes.some((given) => isNamed(one, given)))
    .map((entry) => ({
      entry,
      answers: answering.has(entry.id),
      leads: entry.id === leader,
    }));
}

/** Why members that are to be removed cannot be. */
export function removalRefusals(
  cluster: DesiredCluster,
  facts: Facts,
  removes: readonly string[],
): readonly Refusal[] {
  if (removes.length === 0) return [];
  const { list, strangers } = observed(cluster, facts);
  if (list === undefined || !someoneAnswers(facts))
    return [
      {
        kind: 'no-answer',
        about: removes,
        sentence: `${removes.join(', ')} cannot be removed: no member answers, and only a cluster with a quorum can change its list of members`,
        next: [remedy`bring a quorum back first: ${provision('doctor', INVENTORY)}`],
      },
    ];
  const refusals = removes.flatMap((given): readonly Refusal[] => {
    if (cluster.members.some(({ name }) => name === given))
      return [
        {
          kind: 'named-to-remove',
          about: [given],
          sentence: `${given} is in the inventory, and only a member that is not can be removed`,
          next: [remedy`take ${given} out of the inventory first`],
        },
      ];
    const meant = strangers.filter((one) => isNamed(one, given));
    if (meant.length < 2) return [];
    return [
      {
        kind: 'shared-name',
        about: [given],
        sentence: `${meant.length} members that the inventory does not name are called ${given}: ${meant.map(({ id, peerUrls }) => `${id} at ${peerUrls.join(', ')}`).join(' and ')}`,
        next: [remedy`say which by its id, for one ${meant[0]?.id ?? ''}`],
      },
    ];
  });
  if (refusals.length > 0) return refusals;
  const leaving = leavingMembers(cluster, facts, removes).map(({ entry }) => entry.id);
  const left = quorumAfter(cluster, facts, leaving);
  if (left === undefined || left.spare >= 0) return [];
  return [
    {
      kind: 'quorum-at-risk',
      about: removes,
      sentence: `${removes.join(', ')} cannot be removed: without ${removes.length === 1 ? 'it' : 'them'} ${describeQuorum(left)}`,
      next: [remedy`bring the others back first, then run the same command again`],
    },
  ];
}

/**
 * The quorum once these have left, by their ids, and those of the inventory have joined: they do before those go that answer,
 * and are proved to answer. Nothing where nobody tells the list.
 */
export function quorumAfter(
  cluster: DesiredCluster,
  facts: Facts,
  leaving: readonly string[],
): Quorum | undefined {
  const { list } = observed(cluster, facts);
  const coming = newcomers(cluster, facts).map(({ name }) => ({ id: name, isLearner: false }));
  return (
    list &&
    quorumWithout(
      [...list.members, ...coming],
      new Set(leaving),
      new Set([
        ...answeringIds(facts),
        ...(facts.answeringStrangers ?? []),
        ...coming.map(({ id }) => id),
      ]),
    )
  );
}

// Ids stand in no file of the host.
const ID = /^[0-9a-f]{12,16}$/i;

/** What is said of names that nobody has: they have been removed, or mistyped. */
export function leftMemberNotes(
  cluster: DesiredCluster,
  facts: Facts,
  removes: readonly string[],
): readonly string[] {
  const { list, strangers } = observed(cluster, facts);
  if (list === undefined) return [];
  const gone = removes.filter((given) => !strangers.some((one) => isNamed(one, given)));
  const members = list.members.map(({ id, name }) => name || id).join(', ');
  return gone.map(
    (given) =>
      `${given} is not in the cluster, whose members are ${members}; if a run that removed it was cut off, type on its host: ${retireByHand(cluster, ID.test(given) ? 'NAME' : given)}`,
  );
}

/** By its name, or by its id as etcd prints it, with or without the zeros in front. */
function isNamed({ id, name }: EtcdMember, given: string): boolean {
  return id === given.toLowerCase().padStart(16, '0') || (name !== '' && name === given);
}
