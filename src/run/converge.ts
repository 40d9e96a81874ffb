import { setTimeout as sleep } from 'node:timers/promises';
import { diagnosed } from '../diagnosis/diagnosed.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { allFound } from '../observed/found.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { afterCertificates } from '../report/after-certificates.ts';
import { describeOutcome, outcomeOf } from '../report/outcome.ts';
import type { Report } from '../report/report.ts';
import { failedChecks } from '../verify/checks.ts';
import { brakesOf } from './brakes.ts';
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
  const { desired, store } = operation;
  const hosts = everyHost(operation);
  const began = performance.now();
  const look = () => observe(operation);
  const brakes = brakesOf(desired, limits, operation.stop);
  const decide = (seen: ClusterFacts) => brakes.narrow(spec.plan(seen), seen);
  const { facts, plan } = await settled(operation, look, decide);
  throwRefusals(plan, { ...limits, changed: operation.hasChanged() });
  if (!limits.json) console.log(describePlan(plan));
  const changed = plan.waves.length > 0;
  if (changed) {
    await (await import('./preflight.ts')).preflight(desired, facts, plan, hosts);
    if (spec.comparesData !== true)
      await (await import('./refuse-different-data.ts')).refuseDifferentData(
        desired,
        operation.hosts,
        facts,
        plan,
        store,
      );
    await spec.confirm(plan, facts);
  }

  // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
  const acting = changed ? await import('./execute-plan.ts') : undefined;
  const timings =
    (await acting?.executePlan(operation, plan, facts, limits, {
      judged: spec.judged?.(facts),
      brake: brakes.brake,
    })) ?? [];
  const held = brakes.heldBack();
  if (held !== undefined) {
    if (limits.json) console.log(JSON.stringify({ cluster: desired.name, left: held.left }));
    throw held;
  }
  const fresh = changed ? await look() : facts;
  const left = spec.left(fresh);
  const judged = spec.judged?.(fresh);
  await refuseUnfinished(operation, fresh, left, { changed, judged, ...limits });
  const outcome = outcomeOf(plan, timings, fresh, (performance.now() - began) / 1000);
  const reports = [
    afterCertificates(plan, desired, fresh, store),
    ...(spec.report === undefined ? [] : [await spec.report(fresh)]),
  ];
  console.log(
    limits.json
      ? JSON.stringify(Object.assign({}, outcome, ...reports.map(({ data }) => data)))
      : [describeOutcome(outcome), ...reports.flatMap(({ lines }) => lines)].join('\n'),
  );
}

/**
 * What is seen, and the plan from it. A member that runs beside others that answer may be about to answer too, after a
 * reboot or when its network is back: where it would be held against it, it is given a moment. So is one that answers
 * before systemd calls it active.
 */
async function settled(
  operation: Operation,
  look: () => Promise<ClusterFacts>,
  decide: OperationSpec['plan'],
): Promise<{ readonly facts: ClusterFacts; readonly plan: Plan }> {
  for (let looks = 1; ; looks++) {
    const facts = await operation.observe(look);
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

async function refuseUnfinished(
  { desired, hosts, store }: Operation,
  facts: ClusterFacts,
  left: Plan,
  {
    changed,
    judged,
    inventory,
  }: Limits & { readonly changed: boolean; readonly judged: readonly string[] | undefined },
): Promise<void> {
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
  throw answers ? failure : await diagnosed(failure, { desired, hosts, store }, next);
}
