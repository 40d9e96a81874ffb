import type { Timing } from '../apply/timing.ts';
import { withDiagnosis } from '../diagnosis/with-diagnosis.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { allFound } from '../observed/found.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { namesOf } from '../plan/waves.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { afterCertificates } from '../report/after-certificates.ts';
import { describeOutcome, outcomeOf } from '../report/outcome.ts';
import type { Report } from '../report/report.ts';
import { failedChecks } from '../verify/checks.ts';
import { type Brakes, brakesOf } from './brakes.ts';
import { converge } from './converge.ts';
import { EarlyLooks } from './early-looks.ts';
import { throwHeldBack } from './held-back.ts';
import { aboutDown, lastDown } from './last-run.ts';
import type { Limits } from './limits.ts';
import { observe } from './observe.ts';
import type { Operation } from './operation.ts';
import { everyHost } from './session.ts';

/** What makes one change of a running cluster different from another. */
export interface ChangeSpec {
  readonly plan: (facts: ClusterFacts) => Plan;
  /** What is still to be done when all was done: it must be nothing. */
  readonly remaining: (facts: ClusterFacts) => Plan;
  /** The members that must answer in the end, where it is not all of them. */
  readonly mustAnswer?: (facts: ClusterFacts) => readonly string[];
  /** Whether `confirm` compares the members' data itself, so that it is not compared before. */
  readonly comparesData?: boolean;
  /** Returns when a person has agreed. */
  readonly confirm: (plan: Plan, facts: ClusterFacts) => Promise<void>;
  /** What is done where a step has failed; gives what the run then fails with. */
  readonly recover?: (failure: Failure) => Promise<unknown>;
  /** What else is to be told in the end. */
  readonly report?: (facts: ClusterFacts) => Promise<Report>;
}

/**
 * Brings a cluster that is to serve to what its inventory says, one member after another, and proves from facts that are
 * younger than the last change of each host that nothing is left to do, and that the cluster answers now.
 */
export async function changeCluster(
  operation: Operation,
  limits: Limits,
  spec: ChangeSpec,
): Promise<void> {
  const began = performance.now();
  const brakes = brakesOf(operation.desired, limits, operation.stop);
  const early = new EarlyLooks(operation);
  await converge(operation, limits, {
    look: () => observe(operation),
    plan: (facts) => brakes.narrow(spec.plan(facts), facts),
    mayChangeSoon,
    explainRefusal: async () => aboutDown(await lastDown(operation), operation.desired.name),
    show: (plan) => {
      if (!limits.json) console.log(describePlan(plan));
    },
    confirm: (plan, facts) => confirm(operation, spec, plan, facts),
    act: (plan, facts) => act(operation, limits, spec, plan, facts, { ...brakes, early }),
    prove: async ({ plan, seen, done }) => {
      // What was done for the others is proved before the run ends for want of those that are away.
      if (plan.away === undefined) endHeldBack(operation, limits, brakes);
      const fresh =
        done === undefined ? seen : await observe(operation, (name) => early.seen(name));
      if (plan.away === undefined || brakes.isWhole())
        await prove(operation, limits, spec, fresh, { plan, changed: done !== undefined });
      endHeldBack(operation, limits, brakes);
      const outcome = outcomeOf(plan, done ?? [], fresh, (performance.now() - began) / 1000);
      const reports = [
        afterCertificates(plan, operation.desired, fresh, operation.store),
        ...(spec.report === undefined ? [] : [await spec.report(fresh)]),
      ];
      return limits.json
        ? JSON.stringify(Object.assign({}, outcome, ...reports.map(({ data }) => data)))
        : [describeOutcome(outcome), ...reports.flatMap(({ lines }) => lines)].join('\n');
    },
  });
}

/** Refuses what would fail or do harm half-way, then has a person agree. */
async function confirm(
  operation: Operation,
  spec: ChangeSpec,
  plan: Plan,
  facts: ClusterFacts,
): Promise<void> {
  const { desired, hosts, store } = operation;
  const { preflight } = await import('./preflight.ts');
  await preflight(desired, facts, plan, everyHost(operation));
  if (spec.comparesData !== true) {
    const { refuseDifferentData } = await import('./refuse-different-data.ts');
    await refuseDifferentData(desired, hosts, facts, plan, store);
  }
  await spec.confirm(plan, facts);
}

/** Does what the plan says, then has the cluster take a write; gives how long each step took. */
async function act(
  operation: Operation,
  limits: Limits,
  { mustAnswer, recover }: ChangeSpec,
  plan: Plan,
  facts: ClusterFacts,
  { brake, early }: Pick<Brakes, 'brake'> & { readonly early: EarlyLooks },
): Promise<readonly Timing[]> {
  // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
  const { executePlan, proveTakesWrites } = await import('./execute-plan.ts');
  const timings = await executePlan(operation, plan, limits, {
    ...{ facts, brake, recover },
    whileStopping: (ahead) => early.begin(ahead),
  });
  await proveTakesWrites(operation, allButMissing(operation, plan) ?? mustAnswer?.(facts));
  return timings;
}

/** The other members, where a plan does without some; undefined where it needs all. */
function allButMissing(
  { desired }: Pick<Operation, 'desired'>,
  { without, away }: Plan,
): readonly string[] | undefined {
  const missing = without ?? away;
  return missing && namesOf(desired).filter((name) => !missing.includes(name));
}

/** Ends the run where --limit or --pause-after has left something. */
function endHeldBack({ desired }: Operation, { json }: Limits, brakes: Brakes): void {
  const held = brakes.heldBack();
  if (held !== undefined) throwHeldBack(desired.name, held, json);
}

/**
 * A member that runs beside others that answer may be about to answer too, after a reboot or when its network is back: where
 * it would be held against it, it is given a moment. So is one that answers before systemd calls it active.
 */
export function mayChangeSoon(facts: ClusterFacts, { refusals }: Plan): boolean {
  return (refusals.length > 0 && mayAnswerSoon(facts)) || isBecomingActive(facts);
}

/** Whether a member answers already and systemd is about to hear that it is ready. */
function isBecomingActive({ members }: ClusterFacts): boolean {
  return allFound({ members }).some(
    ({ etcd, unit }) => etcd.healthy && unit.active === 'activating',
  );
}

function mayAnswerSoon({ members }: ClusterFacts): boolean {
  const all = allFound({ members });
  const mayComeUp = all.some(({ etcd, unit }) => unit.pid > 0 && !etcd.healthy);
  return mayComeUp && all.some(({ etcd }) => etcd.healthy);
}

/** Throws a Failure where something is left to do, or where a check of the cluster fails. */
async function prove(
  { desired, hosts, store }: Operation,
  { inventory }: Limits,
  spec: ChangeSpec,
  facts: ClusterFacts,
  { plan, changed }: { readonly plan: Plan; readonly changed: boolean },
): Promise<void> {
  const remaining = spec.remaining(facts);
  const mustAnswer = allButMissing({ desired }, plan) ?? spec.mustAnswer?.(facts);
  const members = desired.members.filter(({ name }) => mustAnswer?.includes(name) ?? true);
  const failed = failedChecks(desired, facts, members);
  if (failed.length === 0 && remaining.waves.length === 0 && remaining.refusals.length === 0)
    return;
  const shown = { kind: 'left', about: [], sentence: describePlan(remaining, inventory), next: [] };
  const next = [remedy`${provision('doctor', INVENTORY)}`];
  const failure = new Failure('failed', `${desired.name}: is not as it should be`, {
    parts: [...failed.map((one) => ({ ...one, next: [] })), ...(changed ? [shown] : [])],
    next,
  });
  const answers = allFound(facts).every(({ etcd }) => etcd.healthy);
  throw answers ? failure : await withDiagnosis(failure, { desired, hosts, store }, next);
}
