import { dirname, resolve } from 'node:path';
import { rollOut } from '../apply/roll-out.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { leads } from '../etcd/leader.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherFacts } from '../facts/gather.ts';
import { Failure } from '../failure/failure.ts';
import { keyring } from '../pki/keyring.ts';
import type { Plan, Wave } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { snapshotDirectory } from '../snapshot/directory.ts';
import { fetchDatabase } from '../snapshot/fetch-database.ts';
import { type SavedSnapshot, saveSnapshot } from '../snapshot/save.ts';
import { compareData } from '../verify/compare-data.ts';
import { carryOut, showFor } from './carry-out.ts';
import type { Limits } from './converge.ts';
import type { FormerCluster } from './former-cluster.ts';
import type { Operation } from './operation.ts';

export interface LastStateOrder {
  readonly former: FormerCluster;
  /** What cuts the clients off. */
  readonly fence: Plan;
  readonly facts: ClusterFacts;
  /** Whether etcd lets data be compared, and so a snapshot be taken. */
  readonly compared: 'same' | 'denied';
  /** Is told since when clients are cut off (`performance.now()`). */
  readonly closing: { since: number };
}

/** Cuts the clients off, member by member, then takes the state that nobody can change any more. Throws a Failure. */
export async function lastState(
  operation: Operation,
  { former, fence, facts, compared, closing }: LastStateOrder,
  args: Limits,
): Promise<SavedSnapshot> {
  const fenced = { ...operation, desired: former.fenced };
  const { desired, hosts, store, stop } = fenced;
  const last = fence.waves.at(-1)?.lanes.at(0)?.host;
  const timings = fence.waves.length > 0 ? await carryOut(fenced, fence, facts, args) : [];
  // Until the last member is cut off, clients find another one.
  const own = timings
    .filter(({ host }) => host === last)
    .reduce((sum, one) => sum + one.seconds, 0);
  closing.since = performance.now() - own * 1000;
  const quiet = await gatherFacts(hosts, desired, store, fenced.binaries());
  await compareData(desired, hosts, quiet);
  stop.throwIfAborted();
  const saved =
    compared === 'denied'
      ? await databaseOfFollower(fenced, quiet, args)
      : await saveSnapshot(desired, hosts, {
          directory: placeOf(fenced, args),
          hostDirectory: fenced.inventory.snapshots.hostDirectory,
          keepOnHost: false,
          now: new Date(),
          signal: stop,
        });
  stop.throwIfAborted();
  const revision = Math.max(
    ...[...quiet.members.values()].map(({ etcd }) => etcd.status?.revision ?? 0),
  );
  if (saved.record.revision === revision) return saved;
  throw new Failure(
    'failed',
    `${desired.name}: the snapshot has revision ${saved.record.revision}, the members had ${revision}: somebody writes although clients are cut off`,
    {
      next: 'find out who writes from a member itself (loopback), stop it, and run the same command again',
    },
  );
}

/**
 * The database of a follower that stands still for it. etcd writes what it has applied to the database when it is
 * stopped; whether that is everything, its revision tells.
 */
async function databaseOfFollower(
  fenced: Operation,
  { members }: ClusterFacts,
  args: Limits,
): Promise<SavedSnapshot> {
  const { desired, hosts, store, stop } = fenced;
  const chosen =
    desired.members.find(({ name }) => !leads(members.get(name)?.etcd.status)) ??
    desired.members[0];
  const host = hosts.get(chosen?.name ?? '');
  if (chosen === undefined || host === undefined) throw new TypeError('a cluster has a member');
  const now = new Date();
  const site = { desired, hosts, store, keyring: keyring(now), now, timeout: args.timeout, stop };
  const act = (waves: readonly Wave[]) =>
    rollOut({ cluster: desired.name, waves, refusals: [] }, site, showFor(args));
  await act([standStill(desired, chosen.name)]);
  const clusterId = members.get(chosen.name)?.data?.wal?.clusterId;
  const saved = await fetchDatabase(desired, host, clusterId, placeOf(fenced, args), now);
  await act([goOn(desired, chosen.name)]);
  return saved;
}

function standStill({ unit }: DesiredCluster, name: string): Wave {
  const step: Step = { kind: 'stop-unit', unit, because: 'its database is copied' };
  return {
    ...{ title: `stop ${name} to copy its database`, gate: [], undo: [] },
    lanes: [{ host: name, steps: [step] }],
  };
}

function goOn({ unit, members }: DesiredCluster, name: string): Wave {
  const because = 'its database is copied';
  return {
    ...{ title: `start ${name} again`, gate: members.map((one) => one.name), undo: [] },
    lanes: [
      {
        host: name,
        steps: [
          { kind: 'start-unit', unit, because },
          { kind: 'await-ready', unit, because },
        ],
      },
    ],
  };
}

function placeOf({ inventory }: Pick<Operation, 'inventory'>, args: Limits): string {
  return snapshotDirectory(inventory, dirname(resolve(args.inventory)), undefined);
}
