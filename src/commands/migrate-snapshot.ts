import { dirname, resolve } from 'node:path';
import { desiredCluster } from '../desired/cluster.ts';
import { fencedCluster } from '../desired/fence.ts';
import { loadTemplates } from '../desired/templates.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherFacts } from '../facts/gather.ts';
import { Failure } from '../failure/failure.ts';
import { planCluster } from '../plan/cluster.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import { protocolWitnesses } from '../plan/protocol.ts';
import type { Next } from '../problem/remedy.ts';
import { listSnapshots, snapshotDirectory } from '../snapshot/directory.ts';
import { piecesOfSnapshot } from '../snapshot/open.ts';
import { type SavedSnapshot, saveSnapshot } from '../snapshot/save.ts';
import { refuseUnequalHashes } from '../verify/hashes.ts';
import { proveWrites } from '../verify/health-key.ts';
import { agreed } from './ask.ts';
import { carryOut } from './carry-out.ts';
import type { ArgumentsOf } from './command.ts';
import type { Operation } from './operation.ts';
import type { migrateOptions } from './options.ts';
import { throwRefusals } from './refused.ts';
import { gatherRestore, restoreFrom, sourceOf } from './restore.ts';

type MigrateArguments = ArgumentsOf<typeof migrateOptions>;

/** The cluster before the switch: as it serves now, and cut off from its clients. */
interface Former {
  readonly served: Operation;
  readonly fenced: Operation;
}

/**
 * The snapshot road: clients are cut off at the members, the last state is taken, and the cluster is made anew from it
 * with the new protocol. Whatever fails before the new cluster has quorum, the former one is put back and serves again.
 */
export async function switchBySnapshot(
  operation: Operation,
  args: MigrateArguments,
): Promise<void> {
  const { desired, hosts, store } = operation;
  const former = await formerCluster(operation, args);
  const look = () => gatherFacts(hosts, desired, store, operation.binaries());
  const facts = await operation.observe(look);
  const unfinished = await unfinishedSnapshot(operation, args);
  if (
    unfinished === undefined &&
    !protocolWitnesses(facts).some(({ protocol }) => protocol !== args.to)
  ) {
    console.log(`${desired.name}: speaks ${args.to} already; nothing to do`);
    return;
  }

  const fence = planCluster(former.fenced.desired, facts, keep);
  if (unfinished === undefined) {
    throwRefusals(fence, args);
    // Asked again when nobody writes any more; but whom it would stop then should not lose their connections first.
    await operation.observe(() => refuseUnequalHashes(former.served.desired, hosts, facts));
  }
  if (!args.json) console.log(announcement(desired.name, args, fence));
  if (!args.yes)
    await agreed(`Switch ${desired.name} to ${args.to} by a snapshot?`, operation.stop);

  try {
    const closing = { since: performance.now() };
    const saved = unfinished ?? (await lastState(former.fenced, fence, facts, args, closing));
    await restoreFrom(
      operation,
      { ...args, yesRestore: desired.name, foreign: false, kubernetes: undefined },
      {
        source: await sourceOf(saved.path, undefined, { skipHashCheck: false }),
        open: () => piecesOfSnapshot(saved.path, undefined),
      },
    );
    await proveWrites(desired, hosts, operation.store);
    const seconds = (performance.now() - closing.since) / 1000;
    if (!args.json) console.log(outcome(args, saved, seconds));
  } catch (error) {
    throw await served(error, former.served, look, args);
  }
}

const keep = { freshToken: '', wipe: false, allowDowntime: true } as const;

async function formerCluster(operation: Operation, { to }: MigrateArguments): Promise<Former> {
  const templates = await loadTemplates();
  const inventory = {
    ...operation.inventory,
    protocol: to === 'https' ? 'http' : 'https',
  } as const;
  const desired = desiredCluster(inventory, templates);
  const served = { ...operation, inventory, desired };
  return { served, fenced: { ...served, desired: fencedCluster(inventory, desired, templates) } };
}

/**
 * The snapshot of a switch that was killed after data had changed places: the hosts know its checksum. Before that the
 * former members may have served again, so that only a new snapshot has everything they acknowledged.
 */
async function unfinishedSnapshot(
  operation: Operation,
  args: MigrateArguments,
): Promise<SavedSnapshot | undefined> {
  const found = await gatherRestore(operation);
  const wanted = [...found.values()].flatMap(({ intent, asides }) =>
    intent !== undefined && asides.includes(intent.began) ? [intent.snapshot] : [],
  );
  const known = await listSnapshots(placeOf(operation, args));
  const match = known.find(({ record }) => record !== undefined && wanted.includes(record.sha256));
  return match?.record === undefined ? undefined : { path: match.path, record: match.record };
}

/** Cuts the clients off, member by member, then takes the state that nobody can change any more. Throws a Failure. */
async function lastState(
  fenced: Operation,
  fence: Plan,
  facts: ClusterFacts,
  args: MigrateArguments,
  closing: { since: number },
): Promise<SavedSnapshot> {
  const { desired, hosts, store, stop } = fenced;
  const last = fence.waves.at(-1)?.lanes.at(0)?.host;
  const timings = fence.waves.length > 0 ? await carryOut(fenced, fence, facts, args) : [];
  // Until the last member is cut off, clients find another one.
  const own = timings
    .filter(({ host }) => host === last)
    .reduce((sum, one) => sum + one.seconds, 0);
  closing.since = performance.now() - own * 1000;
  const quiet = await gatherFacts(hosts, desired, store, fenced.binaries());
  await refuseUnequalHashes(desired, hosts, quiet);
  const saved = await saveSnapshot(desired, hosts, {
    directory: placeOf(fenced, args),
    hostDirectory: fenced.inventory.snapshots.hostDirectory,
    keepOnHost: false,
    now: new Date(),
    signal: stop,
  });
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

/** The failure, after the former cluster was made to serve its clients again where it is the one that runs. */
async function served(
  error: unknown,
  former: Operation,
  look: () => Promise<ClusterFacts>,
  args: MigrateArguments,
): Promise<unknown> {
  if (!(error instanceof Failure) || former.stop.aborted) return error;
  const told = (outcome: string, next: Next | undefined) =>
    new Failure(error.reason, `${error.message}\n  ${outcome}`, {
      next,
      evidence: error.evidence,
      cause: error.cause,
    });
  try {
    const facts = await look();
    const open = planCluster(former.desired, facts, keep);
    if (open.refusals.length > 0) return error;
    if (open.waves.length > 0) await carryOut(former, open, facts, args);
    return told('the former cluster serves its clients again', error.advice);
  } catch (second) {
    if (!(second instanceof Failure)) throw second;
    return told(
      `clients are still cut off: ${second.message}`,
      'run provision up with the former protocol: it opens the client ports again',
    );
  }
}

function placeOf({ inventory }: Operation, args: MigrateArguments): string {
  return snapshotDirectory(inventory, dirname(resolve(args.inventory)), undefined);
}

function announcement(cluster: string, { to }: MigrateArguments, fence: Plan): string {
  return [
    `${cluster} goes to ${to} by a snapshot; from the last wave below until it is up again it takes no writes:`,
    describePlan(fence),
    'then: take a snapshot, compare its revision with that of the members, restore it beside the data in use on every',
    'member, stop all, exchange the data (the former stays aside), start all together, compare revision and keys;',
    'should any of that fail before the new cluster has quorum, the former data is put back and serves again',
  ].join('\n');
}

function outcome(
  { to, inventory }: MigrateArguments,
  { record }: SavedSnapshot,
  seconds: number,
): string {
  return [
    `the cluster speaks ${to}; it was switched at revision ${record.revision}, the last the former members had: no acknowledged write is missing`,
    `clients were cut off for ${seconds.toFixed(1)} s at most`,
    `next: set protocol: ${to} in ${inventory}, so that up agrees`,
  ].join('\n');
}
