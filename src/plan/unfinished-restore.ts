import { majority } from '../etcd/quorum.ts';
import type { RestoreIntent } from '../facts/restore-intent.ts';
import type { Problem } from '../problem/problem.ts';
import { INVENTORY, type Offered, type OwnCommand, provision, remedy } from '../problem/remedy.ts';

/** What a member's host shows of restores. */
export interface RestoreTrace {
  readonly member: string;
  /** The record of one that was begun and not finished. */
  readonly intent: RestoreIntent | undefined;
  /** The cluster whose data the member has in place. */
  readonly clusterId: string | undefined;
}

/** Each restore, or switch by a snapshot, that was begun and not finished, with both ways out of it. */
export function unfinishedRestores(traces: readonly RestoreTrace[]): readonly Problem[] {
  const intents = traces.flatMap(({ intent }) => intent ?? []);
  const distinct = new Map(intents.map((intent) => [intent.token, intent]));
  return [...distinct.values()].map((intent) => {
    const members = traces
      .filter((trace) => trace.intent?.token === intent.token)
      .map(({ member }) => member);
    return {
      about: members,
      sentence: `${members.join(', ')}: ${whatBegan(intent)} is not finished`,
      next: [finishOrUndo(intent, mayHaveServed(intent, traces))],
    };
  });
}

/** How a restore is finished: the command that began it, where that was recorded. */
export function toFinish({ order }: Pick<RestoreIntent, 'order'>): Offered {
  return order === undefined
    ? remedy`finish it with the command that began it (${provision('history', INVENTORY)} shows who typed it)`
    : remedy`finish it: ${commandOf(order.command)}`;
}

/** Both ways out of a restore that is not finished; what the restored cluster has taken is given up by going back. */
export function finishOrUndo(intent: RestoreIntent, hasServed: boolean): Offered {
  const { parts } = toFinish(intent);
  const undo = provision('restore', INVENTORY, '--undo');
  const back = hasServed
    ? '; or go back, which gives up all that was written since: '
    : '; or go back: ';
  return { parts: [...parts, back, undo, '; nothing else before that'], requires: [] };
}

/** Whether so many members have the restored data that it may have taken writes. */
function mayHaveServed(
  { clusterId }: Pick<RestoreIntent, 'clusterId'>,
  traces: readonly RestoreTrace[],
): boolean {
  const restored = traces.filter((trace) => trace.clusterId === clusterId);
  return restored.length >= majority(traces.length);
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

function commandOf(words: readonly string[]): OwnCommand {
  return provision(...words.map((word) => (word === 'INVENTORY' ? INVENTORY : word)));
}
