import type { DesiredCluster } from '../desired/cluster.ts';
import { askRestore } from '../facts/restore.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';

/** What leads out of a restore, or a switch by snapshot, that was begun and not finished. */
export const FINISH_OR_UNDO = remedy`type the command that began it again (${provision('history', INVENTORY)} shows it), or go back: ${provision('restore', INVENTORY, '--undo')}; nothing else before that`;

/** A restore, or a switch by snapshot, that hosts still have the record of. */
export interface UnfinishedRestore {
  readonly sentence: string;
  readonly members: readonly string[];
}

/** Asks the hosts that answer for such records; undefined where there is none. */
export async function unfinishedRestore(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<UnfinishedRestore | undefined> {
  const found = await Promise.all(
    desired.members.map(async ({ name }) => {
      const host = hosts.get(name);
      const fact = host && (await askRestore(host, desired).catch(passOverFailure));
      return fact?.intent === undefined ? [] : [{ name, began: fact.intent.began }];
    }),
  );
  const [first, ...rest] = found.flat();
  if (first === undefined) return undefined;
  const members = [first, ...rest].map(({ name }) => name);
  return {
    sentence: `${members.join(', ')}: a restore or a switch by snapshot begun ${first.began} is not finished`,
    members,
  };
}

/** Throws a Failure (refused) where a restore is not finished: what is begun beside it, it would undo. */
export async function refuseBesideRestore(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const found = await unfinishedRestore(desired, hosts);
  if (found === undefined) return;
  throw new Failure('refused', found.sentence, { next: [FINISH_OR_UNDO] });
}

// A host that cannot be asked is told of by what needs it.
function passOverFailure(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
