import type { DesiredCluster } from '../../desired/cluster.ts';
import { describeQuorum } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import type { Problem, Proposal } from '../../problem/problem.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import { membershipProblems } from './membership-problems.ts';

/**
 * Whatever keeps the list that etcd holds and the inventory from being one: strangers, members that never started, learners,
 * and members that only the inventory has. Each with what it means for the quorum, and the command that ends it.
 */
export function listProblems(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
): readonly Problem[] {
  return safely(desired, facts, [
    ...membershipProblems(desired, facts),
    ...waitingForVote(desired, facts),
    ...onlyInInventory(desired, facts),
  ]);
}

/** Learners of the inventory that have started: a promotion is all they lack. */
function waitingForVote(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
): readonly Proposal[] {
  const { members, quorum } = observed(desired, facts);
  if (quorum === undefined) return [];
  return members
    .filter(({ listed }) => listed?.isLearner === true && listed.name !== '')
    .map(({ name, listed }) => ({
      kind: 'learner',
      about: [name],
      sentence: `${name}: is learner ${listed?.id}: it has no vote yet, and ${describeQuorum(quorum)}`,
      next: [remedies.voteByUp(name)],
    }));
}

function onlyInInventory(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Proposal[] {
  const { members, list, strangers } = observed(desired, facts);
  if (list === undefined) return [];
  const exchange = strangers.length === 0 ? [] : [remedies.removeByUp(strangers, desired)];
  return members
    .filter(({ listed }) => listed === undefined)
    .map(({ name, desired: { peerUrl } }) => ({
      kind: 'not-listed',
      about: [name],
      sentence: `${name} at ${peerUrl} is in the inventory, and not in etcd's list`,
      next: [remedies.joinByUp(name), ...exchange, remedies.leaveOut(name)],
    }));
}
