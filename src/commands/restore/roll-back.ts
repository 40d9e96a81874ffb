import type { DesiredCluster } from '../../desired/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import type { PutBackOptions } from '../../plan/restoring/put-back.ts';
import { areMost, formerVoters } from '../../plan/restoring/restore-quorum.ts';
import { judgeUnfinished, type Verdict } from '../../plan/restoring/unfinished.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import type { Operation } from '../../run/operation.ts';
import { recover } from '../../run/recover.ts';
import { showFor, walkPlan } from '../../run/walk-plan.ts';
import { lookAtUnfinished } from './half-restored.ts';

type Half = ReadonlyMap<string, UnfinishedRestore>;

export interface RollBackLimits {
  readonly inventory: string;
  readonly timeout: number;
  readonly json: boolean;
}

/** What was done on most hosts, and what is left to do on the others. */
export interface MostlyDone<T> {
  readonly done: T;
  /** The hosts that could be asked and on which nothing failed, as they were before the last step. */
  readonly half: Half;
  /** The hosts that can be asked and on which it failed, with why. */
  readonly left: ReadonlyMap<string, string>;
}

/** What it was in the end: the restored cluster may turn out to have served once its members stand still. */
export type TakenBack = MostlyDone<Verdict['kind']>;

/**
 * Makes the former cluster of the hosts again, where the restored one has acknowledged nothing. Restored members are
 * stopped first: only then is it certain what their logs hold. Throws a Failure when it could not be done on most members.
 */
export function rollBack(
  operation: Pick<Operation, 'file' | 'desired' | 'hosts' | 'store'>,
  limits: RollBackLimits,
  { confs }: PutBackOptions = {},
): Promise<TakenBack> {
  const { desired } = operation;
  return onMost(operation, async (half, look) => {
    const first = judgeUnfinished(desired, half).kind;
    // Nothing was taken from the former cluster: what lies beside it goes, and the record.
    if (first === 'untouched') await carryOut(operation, half, { kind: 'undo-restore' }, limits);
    if (first !== 'back') return first;
    await carryOut(operation, half, { kind: 'stop-restored' }, limits);
    const stopped = await look();
    const verdict = judgeUnfinished(desired, stopped).kind;
    if (verdict === 'forward')
      await carryOut(operation, stopped, { kind: 'start-restored' }, limits);
    if (verdict === 'back')
      await carryOut(operation, stopped, { kind: 'undo-restore', confs }, limits);
    return verdict;
  });
}

/** Does what an intent comes to on hosts as they were seen, although the run was told to stop: what was begun is taken back. */
export function carryOut(
  { desired, hosts, store }: Pick<Operation, 'desired' | 'hosts' | 'store'>,
  half: Half,
  intent: Intent<'undo-restore' | 'stop-restored' | 'start-restored'>,
  limits: RollBackLimits,
): Promise<void> {
  const { timeout } = limits;
  return recover(limits, {
    look: async () => half,
    plan: (seen) => planFor(desired, seen, intent),
    act: (plan) => walkPlan({ desired, hosts, store }, plan, { timeout, show: showFor(limits) }),
  });
}

/**
 * Does the work again without the hosts that are lost, or on which it failed, as long as most voters of the former cluster remain: one host
 * keeps no other from being put back. Throws the Failure where too few remain, or where no host is to blame for it.
 */
export async function onMost<T>(
  operation: Pick<Operation, 'desired' | 'hosts' | 'store'>,
  work: (half: Half, look: () => Promise<Half>) => Promise<T>,
): Promise<MostlyDone<T>> {
  const left = new Map<string, string>();
  const look = async () => {
    const all = await lookAtUnfinished(operation);
    return new Map([...all].filter(([name]) => !left.has(name)));
  };
  for (let before = await look(); ; ) {
    let half = before;
    const again = async () => {
      half = await look();
      return half;
    };
    try {
      return { done: await work(before, again), half, left };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const asked = await look();
      for (const [host, why] of error.hosts) if (asked.has(host)) left.set(host, why);
      const rest = new Map([...asked].filter(([name]) => !left.has(name)));
      // Each turn needs a host fewer, so it ends.
      const isEnough = areMost(formerVoters(operation.desired, asked), rest.keys());
      if (rest.size >= before.size || !isEnough) throw error;
      before = rest;
    }
  }
}

/** The hosts that cannot be asked. */
export function lostHosts(
  { members }: Pick<DesiredCluster, 'members'>,
  { half, left }: Pick<MostlyDone<unknown>, 'half' | 'left'>,
): readonly string[] {
  return members.flatMap(({ name }) => (half.has(name) || left.has(name) ? [] : [name]));
}

/** What is left to do, first of all, and the command that does it. */
export function leftHosts(
  { name }: Pick<DesiredCluster, 'name'>,
  left: ReadonlyMap<string, string>,
): Failure {
  return new Failure('failed', `${name}: ${sentenceOfLeft(left)}`, {
    next: nextOfLeft(left),
  });
}

/** What is not put back yet, by host, with why. */
export function sentenceOfLeft(left: ReadonlyMap<string, string>): string {
  return `what the restore changed on ${[...left.keys()].join(', ')} is not put back yet, on the others it is: ${[...left.values()].join('; ')}`;
}

/** How what is left on these hosts is put back. */
export function nextOfLeft(left: ReadonlyMap<string, string>): Next {
  return [
    remedy`remove that cause on ${[...left.keys()].join(', ')}, then finish it there: ${provision('restore', INVENTORY, '--undo')}`,
  ];
}
