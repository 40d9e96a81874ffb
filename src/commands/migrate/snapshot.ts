import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { allFound } from '../../observed/found.ts';
import { planFor } from '../../plan/intent.ts';
import type { Plan } from '../../plan/plan.ts';
import { isToSwitch } from '../../plan/switching/cut-off.ts';
import { servesItselfAlone } from '../../plan/switching/serving.ts';
import { remedy } from '../../problem/remedy.ts';
import {
  inventoryLine,
  type Switched,
  snapshotSwitchText,
  switchedText,
} from '../../report/switch-text.ts';
import { agreed } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { observe } from '../../run/observe.ts';
import type { Operation } from '../../run/operation.ts';
import { askLack, asRoot, needsUser, withUser } from '../../snapshot/needs-user.ts';
import { piecesOfSnapshot } from '../../snapshot/open.ts';
import { compareData } from '../../verify/compare-data.ts';
import { proveWrites } from '../../verify/health-key.ts';
import type { ArgumentsOf } from '../command.ts';
import { type FormerCluster, formerCluster } from '../restore/former-cluster.ts';
import { orderOfSwitch } from '../restore/order.ts';
import { type Fenced, recovered } from '../restore/recovery.ts';
import { restoreFrom, sourceOf } from '../restore/restore.ts';
import { settleUnfinished, snapshotOf } from '../restore/settle-unfinished.ts';
import { lastState } from './last-state.ts';
import type { migrateOptions } from './options.ts';

type MigrateArguments = ArgumentsOf<typeof migrateOptions>;

/**
 * The snapshot way: clients are cut off at the members, the last state is taken, and the cluster is made again from it
 * with the new protocol. Whatever fails before the new cluster can have acknowledged a write, the former one is put back
 * and serves again. What an earlier run left is settled first, from the data that most members hold; a snapshot of an
 * earlier run is only used again where the new cluster may have served since.
 */
export async function switchBySnapshot(
  operation: Operation,
  args: MigrateArguments,
): Promise<void> {
  const { desired, hosts } = operation;
  const question = `Switch ${desired.name} to ${args.to} by a snapshot?`;
  let isAgreed = args.yes;
  const agree = async () => {
    if (!isAgreed) await agreed(question, operation.stop);
    isAgreed = true;
  };

  const unfinished = await settleUnfinished(operation, args, agree);
  if (unfinished !== undefined) {
    await agree();
    const { path } = await snapshotOf(operation, args, unfinished);
    return finish(operation, args, path, undefined);
  }

  const former = await formerCluster(operation, args.to === 'https' ? 'http' : 'https');
  await converge(operation, args, {
    look: () => observe(operation),
    plan: (facts) => planFor(former, facts, { kind: 'cut-off', to: args.to }),
    show: (fence, facts) => {
      if (!isToSwitch(facts, args))
        console.log(`${desired.name}: speaks ${args.to} already; nothing to do`);
      else if (!args.json) console.log(snapshotSwitchText(desired.name, args, fence));
    },
    // An earlier run may have cut them off already.
    hasMoreToDo: (facts) => isToSwitch(facts, args),
    confirm: async (_, facts) => {
      // Asked again when nobody writes any more; but whom it would stop then should not lose their connections first.
      const compared = await compareData(former.served, hosts, facts);
      if (compared === 'denied') throw await authenticationIsOn(operation, former.served);
      await agree();
    },
    act: (fence, facts) => switchFenced(operation, args, former, fence, facts),
    prove: async ({ done }) =>
      done === undefined || args.json ? undefined : switchedText(orderOf(operation, args), done),
  });
}

/** Cuts the clients off, takes the last state and makes the new cluster from it; the former one serves again where it fails. */
async function switchFenced(
  operation: Operation,
  args: MigrateArguments,
  former: FormerCluster,
  fence: Plan,
  facts: ClusterFacts,
): Promise<Switched> {
  // A run before this one may have cut them off, nobody knows when.
  const wasCutOff = allFound(facts).some(servesItselfAlone);
  return operation.shield(async () => {
    try {
      const closing = { since: performance.now() };
      const saved = await lastState(operation, { former, fence, facts, closing }, args);
      await finish(operation, args, saved.path, saved.record.revision);
      return { saved, seconds: (performance.now() - closing.since) / 1000, wasCutOff };
    } catch (error) {
      const fenced = { cluster: former, facts, clusterId: clusterIdOf(facts) };
      throw await afterFailure(error, operation, args, fenced);
    }
  });
}

/** Without a user of its own the last state can neither be compared nor taken. */
async function authenticationIsOn(
  { desired, hosts }: Operation,
  served: DesiredCluster,
): Promise<Failure> {
  const lacks = await Promise.all([...hosts.values()].map((host) => askLack(served, host)));
  const lack = lacks.find((one) => one !== undefined) ?? 'user';
  const live = withUser(lack, desired.version, remedy`switch live: --via live --no-snapshot`);
  const off = remedy`switch authentication off for the time of the switch: ${asRoot('auth', 'disable')}`;
  return needsUser({
    ...{ cluster: desired.name, version: desired.version, lack },
    what: 'the last state cannot be taken; nothing was changed',
    instead: lack === 'name' ? [off, live] : [],
  });
}

async function afterFailure(
  error: unknown,
  operation: Operation,
  args: MigrateArguments,
  fenced: Fenced,
): Promise<unknown> {
  return error instanceof Failure ? recovered(error, operation, args, fenced) : error;
}

/** Makes the new cluster from the snapshot, and proves that it takes writes. */
async function finish(
  operation: Operation,
  args: MigrateArguments,
  path: string,
  lastRevision: number | undefined,
): Promise<void> {
  await restoreFrom(
    operation,
    { ...args, yesRestore: operation.desired.name, foreign: false, kubernetes: undefined },
    {
      order: orderOfSwitch(args),
      source: await sourceOf(path, undefined, { skipHashCheck: false }),
      open: () => piecesOfSnapshot(path, undefined),
      lastRevision,
      // The caller knows from which protocol clients were cut off.
      recovers: lastRevision === undefined,
    },
  );
  await proveWrites(operation.desired, operation.hosts, operation.store);
  if (lastRevision === undefined && !args.json) {
    console.log(`the cluster speaks ${args.to}; the switch that was begun is finished`);
    console.log(inventoryLine(orderOf(operation, args)));
  }
}

function orderOf({ writtenProtocol }: Operation, { to, inventory }: MigrateArguments) {
  return { to, inventory, written: writtenProtocol };
}

// The plan of the fence has refused members whose data belongs to different clusters.
function clusterIdOf({ members }: ClusterFacts): string {
  return allFound({ members }).flatMap(({ data }) => data?.wal?.clusterId ?? [])[0] ?? '';
}
