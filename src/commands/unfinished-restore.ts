import type { DesiredCluster } from '../desired/cluster.ts';
import { askRestore } from '../facts/restore.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';

/** What leads out of a restore, or a switch by snapshot, that was begun and not finished. */
export const FINISH_OR_UNDO = remedy`type the command that began it again (${provision('history', INVENTORY)} shows it), or go back: ${provision('restore', INVENTORY, '--undo')}; nothing else before that`;

/** Members whose hosts have the record of one, and when it was begun. */
export interface Unfinished {
  readonly member: string;
  readonly began: string;
}

/** A sentence for each that was begun. */
export function describeUnfinished(found: readonly Unfinished[]): readonly string[] {
  return [...new Set(found.map(({ began }) => began))].map((began) => {
    const members = found.filter((one) => one.began === began).map(({ member }) => member);
    return `${members.join(', ')}: a restore or a switch by snapshot begun ${began} is not finished`;
  });
}

/** Asks the hosts that answer for such records, and gives a sentence for each that was begun. */
export async function unfinishedRestores(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly string[]> {
  const found = await Promise.all(
    desired.members.map(async ({ name: member }) => {
      const host = hosts.get(member);
      const fact = host && (await askRestore(host, desired).catch(passOverFailure));
      return fact?.intent === undefined ? [] : [{ member, began: fact.intent.began }];
    }),
  );
  return describeUnfinished(found.flat());
}

/** Throws a Failure (refused) where a restore is not finished: what is begun beside it, it would undo. */
export async function refuseBesideRestore(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const found = await unfinishedRestores(desired, hosts);
  if (found.length > 0) throw new Failure('refused', found.join('; '), { next: [FINISH_OR_UNDO] });
}

// A host that cannot be asked is told of by what needs it.
function passOverFailure(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
