import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from '../apply/timing.ts';
import { diagnosed } from '../diagnosis/diagnosed.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { allFound } from '../observed/found.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { namesOf } from '../plan/waves.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { afterCertificates } from '../report/after-certificates.ts';
import { describeOutcome, type Outcome, outcomeOf } from '../report/outcome.ts';
import type { Report } from '../report/report.ts';
import { failedChecks } from '../verify/checks.ts';
import { type Brakes, brakesOf } from './brakes.ts';
import type { Limits } from './limits.ts';
import { observe } from './observe.ts';
import type { Operation } from './operation.ts';
import { everyHost } from './session.ts';
import { throwRefusals } from './throw-refusals.ts';

/** Looks at a cluster in which a member does not answer, and milliseconds between them. */
const LOOKS = 10;
const PAUSE = 1000;

/** What makes one operation different from another; observing, acting and proving are the same for all. */
export interface OperationSpec {
  readonly plan: (facts: ClusterFacts) => Plan;
  /** What must be empty in the end. */
  readonly left: (facts: ClusterFacts) => Plan;
  /** The members that must answer in the end, where it is not all of them. */
  readonly judged?: (facts: ClusterFacts) => readonly string[];
  /** Whether `confirm` itself makes sure that members hold the same data. */
  readonly comparesData?: boolean;
  /** Returns when a person has agreed. */
  readonly confirm: (plan: Plan, facts: ClusterFacts) => Promise<void>;
  /** What else is to be told in the end. */
  readonly report?: (facts: ClusterFacts) => Promise<Report>;
}

/** Observes, plans, shows, asks, acts, and proves from fresh facts that nothing is left to do and the cluster answers. */
export async function converge(
  operation: Operation,
  limits: Limits,
  spec: OperationSpec,
): Promise<void> {
  const began = performance.now();
  const brakes = brakesOf(operation.desired, limits, operation.stop);
  const decide = (seen: ClusterFacts) => brakes.narrow(spec.plan(seen), seen);

  const { facts, plan } = await observeAndDecide(operation, decide);
  throwRefusals(plan, { ...limits, changed: operation.hasChanged() });
  if (!limits.json) console.log(describePlan(plan));

  const changed = plan.waves.length > 0;
  if (changed) await confirm(operation, spec, plan, facts);
  const timings = changed ? await act(operation, limits, spec, plan, facts, brakes) : [];
  throwHeldBack(operation, limits, brakes);

  const fresh = changed ? await observe(operation) : facts;
  await prove(operation, limits, spec, fresh, changed);
  const outcome = outcomeOf(plan, timings, fresh, (performance.now() - began) / 1000);
  await tell(operation, limits, spec, { plan, outcome, facts: fresh });
}

/** Refuses what would fail or do harm half-way, then has a person agree. */
async function confirm(
  operation: Operation,
  spec: OperationSpec,
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

/** Does what the plan says; gives how long each step took. */
async function act(
  operation: Operation,
  limits: Limits,
  spec: OperationSpec,
  plan: Plan,
  facts: ClusterFacts,
  { brake }: Brakes,
): Promise<readonly Timing[]> {
  // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
  const { executePlan } = await import('./execute-plan.ts');
  const { without } = plan;
  const judged =
    without === undefined
      ? spec.judged?.(facts)
      : namesOf(operation.desired).filter((name) => !without.includes(name));
  return await executePlan(operation, plan, facts, limits, { judged, brake });
}

/** Ends the run where --limit or --pause-after has left something. */
function throwHeldBack({ desired }: Operation, { json }: Limits, brakes: Brakes): void {
  const held = brakes.heldBack();
  if (held === undefined) return;
  if (json) console.log(JSON.stringify({ cluster: desired.name, left: held.left }));
  throw held;
}

/** Tells what was done, and what else the operation has to tell. */
async function tell(
  { desired, store }: Operation,
  { json }: Limits,
  spec: OperationSpec,
  done: { readonly plan: Plan; readonly outcome: Outcome; readonly facts: ClusterFacts },
): Promise<void> {
  const reports = [
    afterCertificates(done.plan, desired, done.facts, store),
    ...(spec.report === undefined ? [] : [await spec.report(done.facts)]),
  ];
  console.log(
    json
      ? JSON.stringify(Object.assign({}, done.outcome, ...reports.map(({ data }) => data)))
      : [describeOutcome(done.outcome), ...reports.flatMap(({ lines }) => lines)].join('\n'),
  );
}

/**
 * What is seen, and the plan from it. A member that runs beside others that answer may be about to answer too, after a
 * reboot or when its network is back: where it would be held against it, it is given a moment. So is one that answers
 * before systemd calls it active.
 */
async function observeAndDecide(
  operation: Operation,
  decide: OperationSpec['plan'],
): Promise<{ readonly facts: ClusterFacts; readonly plan: Plan }> {
  for (let looks = 1; ; looks++) {
    const facts = await operation.observe(() => observe(operation));
    const plan = decide(facts);
    const isRefusedEarly = plan.refusals.length > 0 && mayAnswerSoon(facts);
    if (looks === LOOKS || !(isRefusedEarly || isBecomingActive(facts))) return { facts, plan };
    await sleep(PAUSE, undefined, { signal: operation.stop });
  }
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
  spec: OperationSpec,
  facts: ClusterFacts,
  changed: boolean,
): Promise<void> {
  const left = spec.left(facts);
  const judged = spec.judged?.(facts);
  const members = desired.members.filter(({ name }) => judged?.includes(name) ?? true);
  const failed = failedChecks(desired, facts, members);
  if (failed.length === 0 && left.waves.length === 0 && left.refusals.length === 0) return;
  const shown = changed ? [describePlan(left, inventory)] : [];
  const sentence = [
    `${desired.name}: is not as it should be`,
    ...failed.map(({ sentence }) => sentence),
    ...shown,
  ].join('\n  ');
  const next = [remedy`${provision('doctor', INVENTORY)}`];
  const failure = new Failure('failed', sentence, { next });
  const answers = allFound(facts).every(({ etcd }) => etcd.healthy);
  throw answers ? failure : await diagnosed(failure, { desired, hosts, store }, inventory, next);
}
