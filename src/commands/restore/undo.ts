import type { ClusterFacts } from '../../facts/cluster.ts';
import { observePki } from '../../facts/pki.ts';
import { Failure } from '../../failure/failure.ts';
import { allFound } from '../../observed/found.ts';
import { describePlan } from '../../plan/describe.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import type { Plan } from '../../plan/plan.ts';
import { isRestored, type UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import { areMost, formerVoters } from '../../plan/restoring/restore-quorum.ts';
import { judgeUnfinished } from '../../plan/restoring/unfinished.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { commandText } from '../../problem/render.ts';
import { typedPhrase } from '../../run/ask.ts';
import { changeOf } from '../../run/change.ts';
import { converge } from '../../run/converge.ts';
import { observeMembers } from '../../run/observe-hosts.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { refuseMisdescribed } from '../../run/refuse-foreign.ts';
import { clientsAreServed, fencedProtocol, formerCluster, openFormer } from './former-cluster.ts';
import { lookAtUnfinished } from './half-restored.ts';
import type { RestoreArguments } from './options.ts';
import { carryOut, leftHosts, onMost } from './roll-back.ts';

const UNDO: Intent<'undo-restore'> = { kind: 'undo-restore' };

/**
 * Takes an unfinished restore or switch back: former data and configuration return, run where they ran, and serve their
 * clients.
 */
export async function undoRestore(args: RestoreArguments): Promise<void> {
  const options = { ...args, needs: 'any-host' as const, command: 'restore-undo' };
  await withOperation(options, async (operation) => {
    const { desired, stop } = operation;
    await converge(operation, args, {
      look: async () => {
        await refuseMisdescribed(operation, args);
        const half = asBegun(await lookAtUnfinished(operation));
        refuseUndo(operation, half);
        return half;
      },
      plan: (half) => planFor(desired, half, UNDO),
      show: (plan, half) => show(operation, plan, half, args),
      // Members that a switch has cut off from their clients are opened, where that is all that is left.
      hasMoreToDo: () => true,
      confirm: async () => {
        if (args.yesRestore === desired.name) return;
        await typedPhrase(`undo ${desired.name}`, `--yes-restore ${desired.name}`, stop);
      },
      act: (plan, half) => takeBack(operation, plan, unaskedIn(operation, half), args),
      prove: async ({ seen }) => told(args, desired.name, seen),
    });
  });
}

/** Throws a Failure where there is nothing to undo, or where it would serve nobody. */
function refuseUndo(operation: Operation, half: ReadonlyMap<string, UnfinishedRestore>): void {
  const { desired } = operation;
  const isBegun = planFor(desired, half, UNDO).waves.length > 0;
  if (!isBegun && fencedProtocol(half) === undefined) throw nothingToUndo(operation, half);
  refuseTooFew(operation, half);
}

function show(
  { desired, unreachable }: Operation,
  plan: Plan,
  half: ReadonlyMap<string, UnfinishedRestore>,
  { json }: RestoreArguments,
): void {
  for (const [name, { message }] of unreachable) {
    console.error(`warning: ${name} is left as it is: ${message}`);
  }
  if (!json) console.log(describePlan(plan));
  if (judgeUnfinished(desired, half).kind === 'forward') {
    console.error('the restored cluster may have taken writes: they move aside with its data');
  }
}

/** Puts the former cluster back on most hosts, and sees that its clients are served again. */
async function takeBack(
  operation: Operation,
  plan: Plan,
  unasked: readonly string[],
  args: RestoreArguments,
): Promise<void> {
  const { desired } = operation;
  const changes = plan.waves.length > 0 ? changeOf(plan) : { changes: 'open the client ports' };
  await operation.change(changes, async () => {
    try {
      const { left } = await onMost(operation, (now) =>
        carryOut(operation, asBegun(now), UNDO, args),
      );
      await openFenced(operation, args);
      if (left.size > 0) throw leftHosts(desired, left);
      if (unasked.length > 0) throw unaskedHosts(operation, unasked);
    } catch (error) {
      throw halfUndone(error);
    }
  });
}

function told(
  { json, inventory }: RestoreArguments,
  cluster: string,
  half: ReadonlyMap<string, UnfinishedRestore>,
): string {
  if (json) return JSON.stringify({ cluster, undone: [...half.keys()] });
  const up = commandText(provision('up', INVENTORY), inventory);
  const idle = `; no member ran before it, so none was started: ${up}`;
  return `${cluster}: the restore is taken back${ranBefore(half) ? '' : idle}`;
}

/** Whether any member did, as far as the records say. */
function ranBefore(half: ReadonlyMap<string, UnfinishedRestore>): boolean {
  return [...half.values()].some(({ found }) => found.intent?.ran === true);
}

/** Who could not be asked may still have what the restore changed: it is not over before that is known. */
function unaskedHosts({ desired, unreachable }: Operation, unasked: readonly string[]): Failure {
  const names = unasked.join(', ');
  return new Failure(
    'failed',
    `${desired.name}: the restore is taken back on the hosts that answer; ${names} could not be asked, and may still have what it changed`,
    {
      next: [
        remedy`bring back the way to ${names}, then finish it there: ${provision('restore', INVENTORY, '--undo')}`,
      ],
      cause: [...unreachable.values()][0],
    },
  );
}

/** A host that is lost by now is another thing than one that could never be asked: something was begun. */
function halfUndone(error: unknown): unknown {
  if (!(error instanceof Failure) || error.reason !== 'unreachable') return error;
  const { message, next, cause, log } = error;
  return new Failure('failed', message, { next, cause, log });
}

/**
 * The hosts as if those that have finished the restore still kept its record: while any host does, what is undone is
 * undone on all of them, else the former cluster and the restored one would be mixed.
 */
function asBegun(
  half: ReadonlyMap<string, UnfinishedRestore>,
): ReadonlyMap<string, UnfinishedRestore> {
  const intents = [...half.values()].flatMap(({ found }) => found.intent ?? []);
  return new Map(
    [...half].map(([name, host]) => {
      const own = host.found.intent ?? intents.find((intent) => isRestored(host, intent));
      return [name, { ...host, found: { ...host.found, intent: own } }];
    }),
  );
}

/** Opens members to their clients that a switch had cut off. Throws a Failure where clients are not served then. */
async function openFenced(operation: Operation, args: RestoreArguments): Promise<void> {
  const { desired, hosts, store } = operation;
  const half = await lookAtUnfinished(operation);
  const protocol = fencedProtocol(half);
  if (protocol === undefined) return;
  const former = await formerCluster(operation, protocol);
  const reached = {
    ...former.served,
    members: desired.members.filter(({ name }) => half.has(name)),
  };
  // Only hosts that have answered are looked at, and no programs are brought.
  const [members, pki] = await Promise.all([
    observeMembers({ desired: reached, hosts, store, needs: 'every-host' }),
    observePki(store),
  ]);
  const facts = { members, consumers: new Map(), ...pki, binaries: [], now: new Date() };
  await openFormer(operation, former, facts, mostCommonCluster(facts), args);
  if (await clientsAreServed(operation, former.served)) return;
  throw new Failure(
    'failed',
    `${desired.name}: clients may be cut off: the former data is back, and no write through the client ports succeeded`,
    { next: [remedy`${provision('status', INVENTORY)}`] },
  );
}

function mostCommonCluster({ members }: ClusterFacts): string {
  const ids = allFound({ members }).flatMap(({ data }) => data?.wal?.clusterId ?? []);
  const times = (id: string) => ids.filter((one) => one === id).length;
  return ids.toSorted((a, b) => times(b) - times(a))[0] ?? '';
}

/** Former data on few members serves nobody, and takes members from the cluster that may. */
function refuseTooFew(
  { desired, unreachable }: Operation,
  half: ReadonlyMap<string, UnfinishedRestore>,
): void {
  const former = formerVoters(desired, half);
  // Where every member was asked, nobody is left to wait for.
  if (half.size === desired.members.length || areMost(former, half.keys())) return;
  const asked = [...half.keys()].filter((name) => former.named.includes(name)).length;
  throw new Failure(
    'unreachable',
    `${desired.name}: only ${asked} of the ${former.voters} voting members of the former cluster can be asked, too few to put it back`,
    {
      next: [remedy`bring back the way to the hosts, then run the same command again`],
      cause: [...unreachable.values()][0],
    },
  );
}

/** The members whose hosts could not be asked. */
function unaskedIn(
  { desired }: Pick<Operation, 'desired'>,
  half: ReadonlyMap<string, UnfinishedRestore>,
): readonly string[] {
  return desired.members.map(({ name }) => name).filter((name) => !half.has(name));
}

/** Where a host cannot be asked, it may be the one on which a restore is still recorded: nothing is over until it is back. */
function nothingToUndo(
  operation: Operation,
  half: ReadonlyMap<string, UnfinishedRestore>,
): Failure {
  const { desired, unreachable } = operation;
  const unasked = unaskedIn(operation, half);
  if (unasked.length > 0)
    return new Failure(
      'unreachable',
      `${desired.name}: no restore is unfinished on the hosts that answer, and ${unasked.join(', ')} cannot be asked`,
      {
        next: [
          remedy`bring back the way to ${unasked.join(', ')}, then run the same command again`,
        ],
        cause: [...unreachable.values()][0],
      },
    );
  return new Failure('refused', `${desired.name}: nothing to undo: no restore is unfinished`, {
    next: [remedy`${provision('snapshot', 'list', INVENTORY)} shows what can be restored`],
  });
}
