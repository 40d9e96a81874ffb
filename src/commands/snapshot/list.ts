import { dirname, resolve } from 'node:path';
import { readInventory } from '../../inventory/read.ts';
import { describeSnapshots } from '../../report/snapshot-table.ts';
import { listSnapshots, snapshotDirectory } from '../../snapshot/directory.ts';
import type { ArgumentsOf } from '../command.ts';
import type { snapshotListOptions } from './options.ts';

/** Shows the snapshots of this machine, the newest first. */
export async function snapshotList(args: ArgumentsOf<typeof snapshotListOptions>): Promise<void> {
  const { inventory } = await readInventory(args.inventory);
  const directory = snapshotDirectory(inventory, dirname(resolve(args.inventory)), args.directory);
  const found = await listSnapshots(directory);
  console.log(
    args.json
      ? JSON.stringify({ directory, snapshots: found })
      : describeSnapshots(directory, found, args.inventory),
  );
}
