import { dirname, resolve } from 'node:path';
import type { Session } from '../../run/session.ts';
import { snapshotDirectory } from '../../snapshot/directory.ts';
import { saveSnapshot } from '../../snapshot/save.ts';

/** Takes a snapshot before something risky, beside the inventory; says where it is. Throws a Failure when it cannot. */
export async function safetySnapshot(
  { inventory, desired, hosts }: Pick<Session, 'inventory' | 'desired' | 'hosts'>,
  { inventory: file, json }: { readonly inventory: string; readonly json: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { path, record } = await saveSnapshot(desired, hosts, {
    directory: snapshotDirectory(inventory, dirname(resolve(file)), undefined),
    keepOnHost: false,
    now: new Date(),
    signal,
  });
  if (!json)
    console.log(`snapshot of revision ${record.revision} before anything changes: ${path}`);
}
