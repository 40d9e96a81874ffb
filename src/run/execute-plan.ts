import type { Brake, Show } from '../apply/roll-out.ts';
import type { Means } from '../apply/step-context.ts';
import type { Timing } from '../apply/timing.ts';
import { withDiagnosis } from '../diagnosis/with-diagnosis.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { NO_SPACE, proveWrites } from '../verify/health-key.ts';
import { changeOf } from './change.ts';
import type { Change } from './finish-run.ts';
import type { Limits } from './limits.ts';
import { openKeyring } from './open-keyring.ts';
import type { Operation } from './operation.ts';
import { showFor, walkPlan } from './walk-plan.ts';

/** Seconds a member may take to become ready, for commands that start none. */
const PATIENCE = 60;

export interface Execution {
  /** What tells which CA signs; nothing is signed without it. */
  readonly facts?: ClusterFacts;
  readonly snapshot?: Means['snapshot'];
  readonly brake?: Brake | undefined;
  /** How history and hooks name the change, where it is not by the number of its steps. */
  readonly change?: Change;
  readonly show?: Show;
  readonly whileStopping?: Means['whileStopping'];
  /** What is done where a step has failed; gives what the run then fails with. */
  readonly recover?: ((failure: Failure) => Promise<unknown>) | undefined;
}

/** Does what the plan says, as a change of this operation; gives how long each step took. Throws a Failure. */
export async function executePlan(
  operation: Operation,
  plan: Plan,
  limits: Pick<Limits, 'json'> & Partial<Pick<Limits, 'passphraseFrom' | 'timeout'>>,
  execution: Execution = {},
): Promise<readonly Timing[]> {
  const { facts, snapshot, brake, whileStopping, change = changeOf(plan), recover } = execution;
  const { show = showFor(limits) } = execution;
  const signing = facts && {
    keyring: await openKeyring(plan, facts, limits.passphraseFrom),
    now: facts.now,
  };
  const { timeout = PATIENCE } = limits;
  const walk = {
    timeout,
    show,
    brake,
    ...signing,
    ...(snapshot && { snapshot }),
    ...(whileStopping && { whileStopping }),
  };
  return operation.change(change, async () => {
    try {
      return await walkPlan(operation, plan, walk);
    } catch (error) {
      throw recover !== undefined && error instanceof Failure ? await recover(error) : error;
    }
  });
}

/** Proves that the cluster takes writes, by all members or those that are `judged`. Throws a Failure. */
export async function proveTakesWrites(
  { desired, hosts, store }: Pick<Operation, 'desired' | 'hosts' | 'store'>,
  judged?: readonly string[],
): Promise<void> {
  try {
    const asked = [...hosts].filter(([name]) => judged?.includes(name) ?? true);
    await proveWrites(desired, new Map(asked), store);
  } catch (error) {
    // A full database needs no diagnosis: etcd itself has said what is wrong.
    if (!(error instanceof Failure) || error.problem.kind === NO_SPACE) throw error;
    // It was ready a moment ago: a full disk, for one, kills etcd only when it writes.
    const next = [remedy`fix the cause, then see: ${provision('status', INVENTORY)}`];
    throw await withDiagnosis(error, { desired, hosts, store }, next);
  }
}
