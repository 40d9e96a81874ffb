import { dirname, resolve } from 'node:path';
import type { Timing } from '../../apply/timing.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { allFound } from '../../observed/found.ts';
import { hostsOf } from '../../plan/lane.ts';
import type { Plan } from '../../plan/plan.ts';
import { remedy } from '../../problem/remedy.ts';
import { executePlan, proveTakesWrites } from '../../run/execute-plan.ts';
import type { Limits } from '../../run/limits.ts';
import { observe } from '../../run/observe.ts';
import type { Operation } from '../../run/operation.ts';
import { snapshotDirectory } from '../../snapshot/directory.ts';
import { type SavedSnapshot, saveSnapshot } from '../../snapshot/save.ts';
import { refuseUnequalHashes } from '../../verify/hashes.ts';
import type { FormerCluster } from '../restore/former-cluster.ts';

export interface LastStateOrder {
  readonly former: FormerCluster;
  /** What cuts the clients off. */
  readonly fence: Plan;
  readonly facts: ClusterFacts;
  /** Is told since when clients are cut off (`performance.now()`). */
  readonly closing: { since: number };
}

/** Cuts the clients off, member by member, then takes the state that nobody can change any more. Throws a Failure. */
export async function lastState(
  operation: Operation,
  { former, fence, facts, closing }: LastStateOrder,
  args: Limits,
): Promise<SavedSnapshot> {
  const fenced = { ...operation, desired: former.fenced };
  const { desired, hosts, stop } = fenced;
  const last = hostsOf(fence.waves.at(-1)?.lanes ?? []).at(0);
  const timings = fence.waves.length > 0 ? await cutOff(fenced, fence, facts, args) : [];
  // Until the last member is cut off, clients find another one.
  const own = timings
    .filter(({ host }) => host === last)
    .reduce((sum, one) => sum + one.seconds, 0);
  closing.since = performance.now() - own * 1000;
  const quiet = await observe(fenced);
  await refuseUnequalHashes(desired, hosts, quiet);
  stop.throwIfAborted();
  const saved = await saveSnapshot(desired, hosts, {
    directory: placeOf(fenced, args),
    keepOnHost: false,
    now: new Date(),
    signal: stop,
  });
  stop.throwIfAborted();
  const revision = Math.max(...allFound(quiet).map(({ etcd }) => etcd.status?.revision ?? 0));
  if (saved.record.revision === revision) return saved;
  throw new Failure(
    'failed',
    `${desired.name}: the snapshot has revision ${saved.record.revision}, the members had ${revision}: somebody writes although clients are cut off`,
    {
      next: [
        remedy`find out who writes from a member itself (loopback), stop it, and run the same command again`,
      ],
    },
  );
}

async function cutOff(
  fenced: Operation,
  fence: Plan,
  facts: ClusterFacts,
  args: Limits,
): Promise<readonly Timing[]> {
  const timings = await executePlan(fenced, fence, args, { facts });
  await proveTakesWrites(fenced);
  return timings;
}

function placeOf({ inventory }: Pick<Operation, 'inventory'>, args: Limits): string {
  return snapshotDirectory(inventory, dirname(resolve(args.inventory)), undefined);
}
