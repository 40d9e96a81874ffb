import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { isHarmless } from './harmless.ts';
import { hostsOf, type Lane } from './lane.ts';
import { refusedPlan } from './make-plan.ts';
import type { Plan, Refusal, Wave } from './plan.ts';
import { remedies } from './refusing/remedies.ts';

/** A plan narrowed to some members, and whom the rest of it is about. */
export interface Limited {
  readonly plan: Plan;
  /** The members and consumers that still have something to come. */
  readonly leftOut: readonly string[];
}

/**
 * The plan as far as it can be done when only these members are touched. It ends where the next wave needs all members to
 * have had their turn: the waves of a rotation or a switch build on each other. Refused where a member that is not among
 * them does not answer: the others could not be restarted beside it, nor would a cluster form.
 */
export function limited(
  plan: Plan,
  desired: DesiredCluster,
  facts: ClusterFacts,
  only: readonly string[],
): Limited {
  if (plan.without !== undefined) return { plan, leftOut: plan.without };
  if (plan.target === undefined) return { plan, leftOut: [] };
  const refusals = notAnsweringOutside(desired, facts, only, plan.away ?? []);
  if (refusals.length > 0) return { plan: refusedPlan(desired, refusals), leftOut: [] };
  const members = new Set(desired.members.map(({ name }) => name));
  const isOut = (lane: Lane) =>
    lane.place === 'host' && members.has(lane.host) && !only.includes(lane.host);
  const waves: Wave[] = [];
  const leftOut = new Set<string>();
  let owes = false;
  for (const [at, wave] of plan.waves.entries()) {
    const isNextTurn = wave.turn !== undefined && wave.turn.number > 1;
    if (owes && !isNextTurn) {
      for (const { lanes } of plan.waves.slice(at))
        for (const host of hostsOf(lanes)) leftOut.add(host);
      break;
    }
    const out = wave.lanes.filter(isOut);
    const lanes = wave.lanes.filter((lane) => !isOut(lane));
    for (const host of hostsOf(out)) leftOut.add(host);
    owes ||= out.some(({ steps }) => steps.some((step) => !isHarmless(step)));
    if (lanes.length > 0 || wave.lanes.length === 0) waves.push({ ...wave, lanes });
  }
  return { plan: { ...plan, waves }, leftOut: [...leftOut] };
}

function notAnsweringOutside(
  desired: DesiredCluster,
  facts: ClusterFacts,
  only: readonly string[],
  away: readonly string[],
): readonly Refusal[] {
  const notAnswering = observed(desired, facts)
    .notAnswering.map(({ name }) => name)
    .filter((name) => !only.includes(name) && !away.includes(name));
  if (notAnswering.length === 0) return [];
  const verb = notAnswering.length === 1 ? 'does' : 'do';
  return [
    {
      kind: 'not-answering',
      about: notAnswering,
      sentence: `${notAnswering.join(', ')} ${verb} not answer, and --limit ${only.join(',')} leaves ${notAnswering.length === 1 ? 'it' : 'them'} as ${notAnswering.length === 1 ? 'it is' : 'they are'}: beside a member that does not answer no other is changed`,
      next: [remedies.withoutLimit(notAnswering), remedies.doctor()],
    },
  ];
}
