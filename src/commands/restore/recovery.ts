import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { votingOf } from '../../plan/membership/voting.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import type { Operation } from '../../run/operation.ts';
import { clientsAreServed, type FormerCluster, openConfs, openFormer } from './former-cluster.ts';
import {
  lostHosts,
  nextOfLeft,
  type RollBackLimits,
  rollBack,
  sentenceOfLeft,
  type TakenBack,
} from './roll-back.ts';

/** The cluster that clients were cut off from. */
export interface Fenced {
  readonly cluster: FormerCluster;
  /** As it was before. */
  readonly facts: ClusterFacts;
  readonly clusterId: string;
}

/** Seconds a cluster that has just been started may take to serve. */
const PATIENCE = 20;

const AGAIN = 'fix the cause and run the same command again';
const UNDO = provision('restore', INVENTORY, '--undo');

/** What became of the hosts, and who should serve clients now. */
interface Outcome {
  readonly sentence: string;
  readonly next: Next;
  readonly serves: DesiredCluster;
  readonly patience?: number;
  /** What is to be told before everything else. */
  readonly first?: string;
}

/**
 * The failure, after the former cluster was made to run and to serve its clients again wherever the restored one cannot
 * have acknowledged anything. Which hosts take part is decided by who can be asked and keeps the lock, not by whether a
 * lost connection or the failed command was noticed first. Where clients are not served, that is said before all else.
 */
export async function recovered(
  failure: Failure,
  operation: Operation,
  limits: RollBackLimits,
  fenced?: Fenced,
): Promise<Failure> {
  const { desired, stop } = operation;
  // The person who interrupts a run decides how it goes on.
  const isInterrupted = stop.reason instanceof Failure && stop.reason.reason === 'interrupted';
  const outcome = isInterrupted
    ? interruptedOutcome(fenced?.cluster.served ?? desired)
    : await outcomeOf(operation, limits, fenced);
  const { sentence, next, serves, patience = 0, first } = outcome;
  const isServed = await servedWithin(operation, serves, patience);
  const before = [
    ...(isServed
      ? []
      : [`${desired.name}: clients may be cut off: no write through the client ports succeeded`]),
    ...(first === undefined ? [] : [first]),
  ];
  const [title, ...others] = [...before, failure.message, sentence];
  const told = [title, ...others.map((line) => `  ${line}`)];
  if (isServed) told.push(`${told.pop()}; its client ports were tried: they answer`);
  return new Failure(reasonOf(failure), told.join('\n'), {
    next,
    cause: failure.cause,
    log: failure.log,
  });
}

// A host that cannot be reached any more is not a reason to say that nothing was begun.
function reasonOf({ reason }: Failure): Failure['reason'] {
  return reason === 'interrupted' || reason === 'locked' ? reason : 'failed';
}

function interruptedOutcome(serves: DesiredCluster): Outcome {
  return {
    sentence: 'it was interrupted, so hosts are left as they are',
    next: [remedy`run the same command again: it looks at the hosts and goes on from there`],
    serves,
  };
}

async function outcomeOf(
  operation: Operation,
  limits: RollBackLimits,
  fenced: Fenced | undefined,
): Promise<Outcome> {
  const { desired } = operation;
  const serves = fenced?.cluster.served ?? desired;
  let back: TakenBack;
  try {
    const confs = fenced && openConfs(fenced.cluster, fenced.facts);
    back = await rollBack(operation, limits, confs);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      sentence: `the former data could not be put back: ${error.message}`,
      next: [
        remedy`${AGAIN}: it goes on where it stopped; only if it is no longer wanted, go back instead: ${UNDO}`,
      ],
      serves,
    };
  }
  const { done: verdict, half, left } = back;
  const lost = lostHosts(desired, back);
  const without = lost.length > 0 ? `, except on ${lost.join(', ')}, which cannot be asked` : '';
  switch (verdict) {
    case 'unknown':
      return {
        sentence: `only ${half.size} of ${desired.members.length} members can be asked, too few to put the former data back`,
        next: [
          remedy`bring back the way to the hosts and run the same command again; only if it is no longer wanted, go back instead: ${UNDO}`,
        ],
        serves,
      };
    case 'forward':
      return {
        sentence: 'the restored cluster has had a leader, so it may hold writes that no other has',
        next: [
          remedy`${AGAIN}: it goes on with the restored cluster; only if all that was written since may be lost, go back instead: ${UNDO}`,
        ],
        serves: desired,
        patience: PATIENCE,
      };
    case 'none':
    case 'untouched':
    case 'back': {
      const what =
        verdict === 'back'
          ? `the former data was put back${without}${left.size > 0 ? `, except on ${[...left.keys()].join(', ')}` : ''}`
          : `no member was stopped, no data was moved${without}: the cluster is what it was`;
      const kept = left.size > 0 ? { first: `${desired.name}: ${sentenceOfLeft(left)}` } : {};
      const next = left.size > 0 ? nextOfLeft(left) : [remedy`${AGAIN}`];
      if (fenced === undefined) return { sentence: what, next, serves, ...kept };
      if (verdict === 'none' && !isFormer(half, fenced)) {
        return {
          sentence: 'the restored cluster is complete',
          next: [remedy`${AGAIN}`],
          serves: desired,
        };
      }
      return { ...(await opened(operation, limits, fenced, what, next)), ...kept };
    }
    default:
      return verdict satisfies never;
  }
}

async function opened(
  operation: Operation,
  limits: RollBackLimits,
  { cluster, facts, clusterId }: Fenced,
  what: string,
  next: Next,
): Promise<Outcome> {
  const serves = cluster.served;
  try {
    await openFormer(operation, cluster, facts, clusterId, limits);
    return { sentence: `${what}; the former cluster serves its clients again`, next, serves };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const sentence = `${what}; its client ports could not be opened: ${error.message}`;
    return { sentence, next: [...next, remedy`open them without it: ${UNDO}`], serves };
  }
}

async function servedWithin(
  operation: Operation,
  serves: DesiredCluster,
  seconds: number,
): Promise<boolean> {
  for (const until = Date.now() + seconds * 1000; ; await sleep(1000)) {
    if (await clientsAreServed(operation, serves)) return true;
    if (Date.now() >= until) return false;
  }
}

/** Whether most voters of the former cluster hold its data. */
function isFormer(
  half: ReadonlyMap<string, UnfinishedRestore>,
  { cluster, facts, clusterId }: Fenced,
): boolean {
  const { needed, votes } = votingOf(cluster.served, facts);
  const former = [...half].filter(([, one]) => one.facts.data?.wal?.clusterId === clusterId);
  return former.filter(([name]) => votes(name)).length >= needed;
}
