import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { convergeWithout } from './absence/converge-without.ts';
import { otherMinorRefusals } from './absence/needs-everybody.ts';
import { convergeWaves } from './converge-waves.ts';
import { type DecisionOptions, decide } from './decision.ts';
import { lostSettings } from './lost-settings.ts';
import { planOf, refusedPlan } from './make-plan.ts';
import { leftMemberNotes } from './membership/leaving.ts';
import { askToCompare, corruptMember, offerReplacement } from './membership/offer-replacement.ts';
import { removedHosts, retireRemoved } from './membership/removed-hosts.ts';
import type { Plan, Refusal } from './plan.ts';
import { besideUpgrade } from './readdressing/readdress-refusals.ts';
import { readdressedMembers } from './readdressing/readdressed.ts';
import { safely } from './refusing/situation.ts';
import { startWithout } from './start-without.ts';
import { cancelWaves } from './upgrading/cluster-version.ts';
import { planDowngrade } from './upgrading/downgrade.ts';
import { goesDown } from './upgrading/under-way.ts';
import { planUpgrade } from './upgrading/upgrade.ts';
import { changesToLaterMinor } from './upgrading/upgrade-path-of.ts';

export type PlanOptions = Pick<
  DecisionOptions,
  'freshToken' | 'wipe' | 'allowDowntime' | 'besideRestore' | 'removes'
> & {
  /** The members that alone are to be touched. */
  readonly limit?: readonly string[] | undefined;
  /** Members that are away, and are done without. */
  readonly away?: readonly string[] | undefined;
};

/** Decides everything that is to be done, in which order and why, from what should be and what is. */
export function planCluster(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: PlanOptions,
): Plan {
  const { away } = options;
  const crosses = changesToLaterMinor(desired, facts) || goesDown(desired, facts);
  if (away !== undefined && crosses) return refusedPlan(desired, otherMinorRefusals(desired, away));
  if (away !== undefined)
    return convergeWithout(desired, facts, away, (seen) =>
      decide(desired, seen, { ...options, allowDowntime: true, movesPlaces: true }),
    );
  if (!options.wipe && crosses) {
    const moves = besideUpgrade(desired, readdressedMembers(desired, facts));
    if (moves.length > 0) return refusedPlan(desired, moves);
    const planner = goesDown(desired, facts) ? planDowngrade : planUpgrade;
    return planner(desired, facts, options);
  }
  const decision = decide(desired, facts, {
    ...options,
    ...{ addsMembers: true, movesMembers: true, movesPlaces: true, disarms: true },
  });
  const { refusals } = decision;
  if (refusals.length > 0)
    return (
      planWithout(desired, facts, options) ??
      refusedPlan(desired, withCure(desired, facts, refusals))
    );
  const ahead = options.wipe ? [] : cancelWaves(desired, facts, options.limit);
  const { waves, notes = [] } = convergeWaves(decision, { limit: options.limit, ahead });
  const removed = removedHosts(decision.desired, facts, options.removes ?? []);
  const gone = (options.removes ?? []).filter(
    (one) => !removed.some(({ member }) => member === one),
  );
  const all = [
    ...notes,
    ...lostSettings(desired, facts),
    ...leftMemberNotes(decision.desired, decision.seen, gone),
  ];
  return planOf(
    decision.desired,
    [...waves, ...retireRemoved(decision.desired, facts, removed)],
    all.length > 0 ? { notes: all } : {},
  );
}

/** Where it is corruption of one member, its replacement is the way out; of which one it is, doctor says. */
function withCure(
  desired: DesiredCluster,
  facts: ClusterFacts,
  refusals: readonly Refusal[],
): readonly Refusal[] {
  const member = corruptMember(desired, facts);
  const suspect = member === undefined ? undefined : ({ member, others: 'not-compared' } as const);
  const told = askToCompare(desired, facts, refusals);
  return safely(desired, facts, offerReplacement(desired, facts, told, suspect));
}

/** Starts those that --limit names although the data of others is of no use; nothing where that is not all that is wrong. */
function planWithout(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: PlanOptions,
): Plan | undefined {
  const part =
    options.wipe || options.limit === undefined
      ? undefined
      : startWithout(desired, facts, options.limit);
  if (part === undefined) return undefined;
  const { only, among, without } = part;
  const decision = decide(desired, facts, { ...options, without });
  if (decision.refusals.length > 0 || !decision.boot.formed) return undefined;
  const { waves, ...notes } = convergeWaves(decision, { only, among });
  return planOf(decision.desired, waves, { ...notes, without });
}
