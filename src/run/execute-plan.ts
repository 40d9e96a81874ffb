import { type Brake, rollOut, type Show } from '../apply/roll-out.ts';
import type { Timing } from '../apply/timing.ts';
import { diagnosed, diagnosing } from '../diagnosis/diagnosed.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { proveWrites } from '../verify/health-key.ts';
import { changeOf } from './change.ts';
import type { Limits } from './limits.ts';
import { openKeyring } from './open-keyring.ts';
import type { Operation } from './operation.ts';
import { everyHost } from './session.ts';

export interface Acting {
  /** The members that must take writes in the end, where it is not all of them. */
  readonly judged?: readonly string[] | undefined;
  readonly brake?: Brake | undefined;
}

/**
 * Does what the plan says, then proves that the cluster takes writes, by all members or those that are `judged`; gives how
 * long each step took. Throws a Failure.
 */
export async function executePlan(
  operation: Operation,
  plan: Plan,
  facts: ClusterFacts,
  limits: Limits,
  { judged, brake }: Acting = {},
): Promise<readonly Timing[]> {
  const { file, desired, hosts, store, stop, reach } = operation;
  const keys = await openKeyring(plan, facts, limits.passphraseFrom);
  const means = {
    ...{ hosts: everyHost(operation), store, stop, keyring: keys },
    ...{ now: facts.now, timeout: limits.timeout, reach },
    diagnose: diagnosing({ desired, hosts: everyHost(operation), store }, file),
  };
  const act = () => rollOut(plan, means, showFor(limits), brake);
  const timings = await operation.change(changeOf(plan), act);
  try {
    const asked = [...hosts].filter(([name]) => judged?.includes(name) ?? true);
    await proveWrites(desired, new Map(asked), store);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // It was ready a moment ago: a full disk, for one, kills etcd only when it writes.
    const next = [remedy`fix the cause, then see: ${provision('status', INVENTORY)}`];
    throw await diagnosed(error, { desired, hosts, store }, file, next);
  }
  return timings;
}

/** How progress is shown: nothing beside the result with --json, a live list on a terminal, plain lines elsewhere. */
export function showFor({ json }: Pick<Limits, 'json'>): Show {
  if (json) return 'nothing';
  return process.stdout.isTTY ? 'live' : 'lines';
}
