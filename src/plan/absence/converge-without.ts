import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { convergeWaves } from '../converge-waves.ts';
import type { Decision } from '../decision.ts';
import type { Left } from '../left.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { MemberPlan } from '../member.ts';
import type { Plan, Refusal } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { startsTogether } from '../waves.ts';
import { absenceRefusals, awayLeft, costsQuorum, withoutThose } from './away.ts';
import { everybodyRefusals, movedRefusals } from './needs-everybody.ts';

/**
 * What can be done for the others while members are away, from what `decision` makes of the facts without them. A restart that
 * would take the quorum is left for later, with the files that only a restart reads: a crash would bring them into use unproved.
 */
export function convergeWithout(
  desired: DesiredCluster,
  facts: ClusterFacts,
  away: readonly string[],
  decision: (facts: ClusterFacts) => Decision,
): Plan {
  const refused = absenceRefusals(desired, facts, away);
  if (refused.length > 0) return refusedPlan(desired, refused);
  const moved = movedRefusals(desired, facts, away);
  if (moved.length > 0) return refusedPlan(desired, moved);
  const decided = decision(withoutThose(facts, away));
  const unfit = decided.refusals.length > 0 ? decided.refusals : unformed(decided, away);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  const cost = costsQuorum(desired, facts, away);
  const { members, left } = withoutRestarts(decided, cost);
  const others = desired.members.map(({ name }) => name).filter((name) => !away.includes(name));
  const consumers = desired.consumers.map(({ name }) => name);
  const { waves, ...notes } = convergeWaves(
    { ...decided, members },
    { only: [...others, ...consumers], among: others },
  );
  const concerned = everybodyRefusals(desired, waves, away);
  if (concerned.length > 0) return refusedPlan(desired, concerned);
  return planOf(decided.desired, waves, { ...notes, away, left: [...awayLeft(away), ...left] });
}

/** Members as they are changed without a restart, where one would cost the quorum. */
function withoutRestarts(
  { members, alive }: Decision,
  cost: string | undefined,
): { readonly members: readonly MemberPlan[]; readonly left: readonly Left[] } {
  if (cost === undefined) return { members, left: [] };
  const isLeft = (one: MemberPlan) =>
    one.restartBecause !== undefined && !startsTogether(one, alive);
  return {
    members: members.map((one) =>
      isLeft(one) ? { ...one, restartBecause: undefined, link: [], configuration: [] } : one,
    ),
    left: members.filter(isLeft).map(({ name, restartBecause }) => ({
      name,
      because: `has to be restarted (${restartBecause}), and ${cost}`,
    })),
  };
}

/** Until a first start is over, no host has recorded that the cluster exists. */
function unformed({ desired, boot }: Decision, away: readonly string[]): readonly Refusal[] {
  if (boot.formed) return [];
  return [
    {
      kind: 'needs-everybody',
      about: away,
      sentence: `${desired.name}: its first start is not over, and ${away.join(', ')} has never started`,
      next: [...away.map(remedies.leaveOut), remedies.doctor()],
    },
  ];
}
