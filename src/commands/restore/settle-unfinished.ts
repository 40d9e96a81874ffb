import { dirname, resolve } from 'node:path';
import type { RestoreIntent } from '../../facts/data/restore-intent.ts';
import { Failure } from '../../failure/failure.ts';
import { planFor } from '../../plan/intent.ts';
import { planOf } from '../../plan/make-plan.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import { judgeUnfinished } from '../../plan/restoring/unfinished.ts';
import { toFinish } from '../../plan/restoring/unfinished-restore.ts';
import { remedy } from '../../problem/remedy.ts';
import { takeBackText } from '../../report/take-back-text.ts';
import { changeOf } from '../../run/change.ts';
import { converge } from '../../run/converge.ts';
import type { Operation } from '../../run/operation.ts';
import { refuseMisdescribed } from '../../run/refuse-foreign.ts';
import { listSnapshots, snapshotDirectory } from '../../snapshot/directory.ts';
import { lookAtUnfinished } from './half-restored.ts';
import { leftHosts, type RollBackLimits, rollBack, type TakenBack } from './roll-back.ts';

/**
 * Settles what an earlier restore or switch left on the hosts. Where the restored cluster may have acknowledged writes,
 * gives what it was begun with: it has to be finished. Else the former cluster is put together again on every host, and
 * nothing is given: whatever comes next starts from its data as it is now. Throws a Failure.
 */
export async function settleUnfinished(
  operation: Operation,
  limits: RollBackLimits,
  agree: () => Promise<void>,
  isWanted: (intents: readonly RestoreIntent[]) => boolean = () => false,
): Promise<RestoreIntent | undefined> {
  const { desired } = operation;
  const { verdict } = await converge(operation, limits, {
    look: async () => {
      const half = await lookAtAll(operation);
      const verdict = judgeUnfinished(desired, half);
      const intents = [...half.values()].flatMap(({ found }) => found.intent ?? []);
      const goesBack = verdict.kind === 'back' && !isWanted(intents);
      if (goesBack) await refuseMisdescribed(operation, limits);
      return { half, verdict, goesBack };
    },
    plan: ({ half, goesBack }) =>
      goesBack ? planFor(desired, half, { kind: 'undo-restore' }) : planOf(desired, []),
    show: (plan, { goesBack }) => {
      if (goesBack && !limits.json) console.log(takeBackText(plan));
    },
    confirm: agree,
    act: (plan) => operation.change(changeOf(plan), () => rollBack(operation, limits)),
    prove: async ({ done }) => {
      if (done !== undefined) throwNotBack(operation, done);
      return undefined;
    },
  });
  return verdict.kind === 'forward' ? verdict.intent : undefined;
}

/** Throws a Failure where the former cluster is not put together on every host. */
function throwNotBack(
  { desired }: Pick<Operation, 'desired'>,
  { done: ended, left }: TakenBack,
): void {
  if (left.size > 0) throw leftHosts(desired, left);
  if (ended === 'back') return;
  throw new Failure(
    'failed',
    `${desired.name}: what an earlier run left could not be taken back: ${ended === 'forward' ? 'the restored cluster has had a leader meanwhile' : 'too few members can be asked'}`,
    { next: [remedy`run the same command again: it looks at the hosts and goes on from there`] },
  );
}

/** The snapshot a restore was begun with, as it lies on this machine. Throws a Failure where it does not. */
export async function snapshotOf(
  { desired, inventory }: Pick<Operation, 'desired' | 'inventory'>,
  limits: Pick<RollBackLimits, 'inventory'>,
  { snapshot, began, order }: RestoreIntent,
): Promise<{ readonly path: string }> {
  const directory = snapshotDirectory(inventory, dirname(resolve(limits.inventory)), undefined);
  const known = await listSnapshots(directory);
  const match = known.find(({ record }) => record?.sha256 === snapshot);
  if (match !== undefined) return match;
  throw new Failure(
    'refused',
    `${desired.name}: the cluster restored ${began} may hold writes that no other has, and the snapshot it was made from (sha256 ${snapshot.slice(0, 12)}…) is not in ${directory}`,
    {
      next: [
        remedy`copy that snapshot and its .json file to ${directory}${order === undefined ? ' from the machine that began it' : `, from where ${order.who} began it`}, and run this again`,
        toFinish({ order }),
      ],
    },
  );
}

async function lookAtAll(operation: Operation): Promise<ReadonlyMap<string, UnfinishedRestore>> {
  const half = await lookAtUnfinished(operation);
  const unreached = operation.desired.members.filter(({ name }) => !half.has(name));
  if (unreached.length === 0) return half;
  const names = unreached.map(({ name }) => name).join(', ');
  throw new Failure('unreachable', `${names}: cannot be asked how far an earlier restore came`, {
    next: [remedy`bring back the way to the hosts, then run the same command again`],
  });
}
