import type { DesiredCluster } from '../../desired/cluster.ts';
import { sameAddress } from '../../etcd/peer-url.ts';
import { majority } from '../../etcd/quorum.ts';
import type { RestoreIntent } from '../../facts/data/restore-intent.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, type Offered, provision, remedy } from '../../problem/remedy.ts';
import { begunWith } from './restore-goal.ts';

/** What a member's host shows of restores. */
export interface RestoreTrace {
  readonly member: string;
  /** The record of one that was begun and not finished. */
  readonly intent: RestoreIntent | undefined;
  /** The cluster whose data the member has in place. */
  readonly clusterId: string | undefined;
}

/**
 * Each restore, or switch by a snapshot, that was begun and not finished, with the way out of it. The traces are of those of
 * the cluster's members whose hosts could be asked.
 */
export function unfinishedRestores(
  desired: Pick<DesiredCluster, 'members'>,
  traces: readonly RestoreTrace[],
): readonly Problem[] {
  const intents = traces.flatMap(({ intent }) => intent ?? []);
  const distinct = new Map(intents.map((intent) => [intent.token, intent]));
  return [...distinct.values()].map((intent) => {
    const members = traces
      .filter((trace) => trace.intent?.token === intent.token)
      .map(({ member }) => member);
    return {
      kind: 'restore-unfinished',
      about: members,
      sentence: `${members.join(', ')}: ${whatBegan(intent)} is not finished`,
      next: [finishOrUndo(intent, progressOf(intent, desired, traces))],
    };
  });
}

/** How a restore is finished: the command that began it, where that was recorded. */
export function toFinish({ order }: Pick<RestoreIntent, 'order'>): Offered {
  return order === undefined
    ? remedy`finish it with the command that began it (${provision('history', INVENTORY)} shows who typed it)`
    : remedy`finish it: ${provision(...order.command)}`;
}

/** How far a restore that is not finished has come. */
export type RestoreProgress =
  /** Its cluster may have taken writes. */
  | 'served'
  | 'begun'
  /** Most members have nothing of it: they have gone back, or it never came to them. */
  | 'left over';

/**
 * The way out of a restore that is not finished: one command, and where the other way is open too, when to take that
 * instead. The two exclude each other.
 */
export function finishOrUndo(intent: RestoreIntent, progress: RestoreProgress): Offered {
  const undo = provision('restore', INVENTORY, '--undo');
  const last = '; nothing else before that';
  if (progress === 'left over')
    return {
      parts: ['most members have nothing of it, so take back the rest: ', undo, last],
      requires: [],
    };
  const { parts } = toFinish(intent);
  const back =
    progress === 'served'
      ? '; only if all that was written since may be lost, go back instead: '
      : '; only if it is no longer wanted, go back instead: ';
  return { parts: [...parts, back, undo, last], requires: [] };
}

// What a host that cannot be asked has may be what the restore made: without it nothing is said to be over.
function progressOf(
  intent: RestoreIntent,
  desired: Pick<DesiredCluster, 'members'>,
  traces: readonly RestoreTrace[],
): RestoreProgress {
  const isRestored = ({ clusterId }: RestoreTrace) => clusterId === intent.clusterId;
  const isInvolved = (one: RestoreTrace) => one.intent?.token === intent.token || isRestored(one);
  const list = begunWith(desired, intent);
  if (list === undefined) return traces.some(isRestored) ? 'served' : 'begun';
  const voters = list.map((url) => {
    const name = desired.members.find(({ peerUrl }) => sameAddress(url, peerUrl))?.name;
    return traces.find(({ member }) => member === name);
  });
  const count = (is: (trace: RestoreTrace) => boolean) =>
    voters.filter((trace) => trace === undefined || is(trace)).length;
  const needed = majority(list.length);
  if (count(isRestored) >= needed) return 'served';
  return count(isInvolved) >= needed ? 'begun' : 'left over';
}

function whatBegan({ began, order }: RestoreIntent): string {
  if (order === undefined) return `a restore or a switch by snapshot begun ${began}`;
  const { command, who, from } = order;
  const what =
    command[0] === 'migrate'
      ? `a switch by snapshot${from === undefined ? '' : ` from ${from}`}`
      : 'a restore';
  return `${what} begun ${began} by ${who}`;
}
