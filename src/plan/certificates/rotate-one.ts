import type { DesiredCluster } from '../../desired/cluster.ts';
import { withstands } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { isSeen } from '../../facts/unreachable.ts';
import { foundMembers } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import { convergeWaves } from '../converge-waves.ts';
import { stepsOf } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import { votingOf } from '../membership/voting.ts';
import type { Plan, Refusal, Wave } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { decideRotation, type RotationOptions } from './rotate.ts';

/**
 * A rotation of the leaves of one member or consumer. What the others are like matters only as far as they answer: a host
 * that is down, or a member that hangs, is not a reason to let another's certificate expire. Nothing is done to any other host.
 */
export function planRotationOf(
  name: string,
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: Omit<RotationOptions, 'member'>,
): Plan {
  const { answers, seen } = observed(desired, facts);
  const heard = answers.map((one) => one.name);
  // Where nobody answers, starting members may be what heals them, and that is about all.
  const counts =
    heard.length === 0
      ? seen.map((one) => one.name)
      : [...new Set([...heard, ...seen.flatMap((one) => (one.name === name ? [name] : []))])];
  const members = new Map(foundMembers(facts).filter(([one]) => counts.includes(one)));
  const decision = decideRotation(desired, { ...facts, members }, { ...options, member: name });
  if (decision.refusals.length > 0) return refusedPlan(desired, decision.refusals);
  const { waves, ...notes } = convergeWaves(decision, { only: name, among: counts });
  const risks = restartAtRisk(name, desired, facts, waves);
  return risks.length > 0 ? refusedPlan(desired, risks) : planOf(decision.desired, waves, notes);
}

/** Why hosts could not be asked that a rotation of one leaves as they are. */
export function leftOut(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'consumers'>,
): readonly string[] {
  return [...desired.members, ...desired.consumers].flatMap(({ name }) => {
    const look = facts.members.get(name) ?? facts.consumers.get(name);
    return look === undefined || isSeen(look) ? [] : [look.unreachable.message];
  });
}

/** A restart takes a vote away for some seconds: too much where another is missing already. */
function restartAtRisk(
  member: string,
  desired: DesiredCluster,
  facts: ClusterFacts,
  waves: readonly Wave[],
): readonly Refusal[] {
  const steps = waves.flatMap(({ lanes }) => stepsOf(lanes));
  const { notAnswering, answers, quorum } = observed(desired, facts);
  const voting = votingOf(desired, facts);
  const missing = notAnswering.map(({ name }) => name);
  const isRestarted = steps.some(({ kind }) => kind === 'restart-unit');
  if (!isRestarted || missing.length === 0 || missing.includes(member)) return [];
  const { voters, needed } = voting;
  const answering = quorum?.answering ?? answers.filter(({ name }) => voting.votes(name)).length;
  if (withstands({ voters, answering }, 1)) return [];
  return [
    {
      kind: 'restart-at-risk',
      about: [member],
      sentence: `${member}: has to be restarted, and ${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not answer: ${answering - 1} of ${voters} would be left, and ${needed} must answer`,
      next: [remedies.doctor()],
    },
  ];
}
