import type { DesiredCluster } from '../../desired/cluster.ts';
import { majorityOfComing } from '../../etcd/quorum.ts';
import type { RestoreIntent } from '../../facts/data/restore-intent.ts';
import { isRestored, type UnfinishedRestore } from './half-restored.ts';
import { restoredQuorums } from './restore-quorum.ts';

/** What is to become of a restore that was begun and not finished. */
export type Verdict =
  | { readonly kind: 'none' }
  /** Nothing was taken from the former cluster. */
  | { readonly kind: 'untouched' }
  /** The restored cluster may have acknowledged writes: nobody else has them. */
  | { readonly kind: 'forward'; readonly intent: RestoreIntent }
  /** It cannot have acknowledged any: the former cluster is the one that holds everything. */
  | { readonly kind: 'back' }
  /** Too few hosts can be asked to know. */
  | { readonly kind: 'unknown' };

/**
 * Decides from the data that a majority of the restored cluster's own members holds, never from what one host was left with. A
 * restored cluster can have acknowledged a write only while a quorum of its list had its data in place, and then it had a
 * leader, which leaves an entry in their logs; where its list is not known, one that saw a leader is enough. The former one
 * may have served at any time before, and again after that quorum was broken; so where the restored one has not served, only
 * the former one's data counts.
 */
export function judgeUnfinished(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, UnfinishedRestore>,
): Verdict {
  const all = [...hosts.values()];
  const unreached = desired.members.filter(({ name }) => !hosts.has(name)).length;
  const tooFew = unreached >= majorityOfComing(desired);
  const intents = distinct(all.flatMap(({ found }) => found.intent ?? []));
  if (intents.length === 0) return tooFew ? { kind: 'unknown' } : { kind: 'none' };

  const quorums = intents.map((intent) => ({
    intent,
    lists: restoredQuorums(desired, hosts, intent),
  }));
  const served = quorums.find(
    ({ intent, lists }) =>
      all.some((host) => isRestored(host, intent) && hasServed(host)) &&
      (lists.length === 0 ||
        lists.some(({ needed, restored, unasked }) => restored + unasked >= needed)),
  );
  if (served !== undefined) return { kind: 'forward', intent: served.intent };
  const lists = quorums.flatMap((one) => one.lists);
  if (tooFew || lists.some(({ needed, unasked }) => unasked >= needed)) return { kind: 'unknown' };
  return all.some(isBegun) ? { kind: 'back' } : { kind: 'untouched' };
}

/** Whether its data or configuration is not the former, or lies aside. */
export function isExchanged(host: UnfinishedRestore): boolean {
  const { intent, asides } = host.found;
  return intent !== undefined && (asides.includes(intent.began) || isRestored(host, intent));
}

function isBegun(host: UnfinishedRestore): boolean {
  const { intent } = host.found;
  if (intent === undefined) return false;
  return isExchanged(host) || (intent.ran && host.facts.unit.pid === 0);
}

// Ready means that it had quorum; a log may have been read a moment before its leader was there.
function hasServed({ facts, found }: UnfinishedRestore): boolean {
  return found.led || facts.unit.active === 'active';
}

function distinct(intents: readonly RestoreIntent[]): readonly RestoreIntent[] {
  return [...new Map(intents.map((intent) => [intent.token, intent])).values()];
}
