import { dirname, resolve } from 'node:path';
import { originOf } from '../../desired/origin.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { Inventory } from '../../inventory/schema.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { verifiedText } from '../../report/snapshot-text.ts';
import { withSession } from '../../run/session.ts';
import { listSnapshots, snapshotDirectory } from '../../snapshot/directory.ts';
import { inspectOn } from '../../snapshot/inspect.ts';
import { piecesOfSnapshot } from '../../snapshot/open.ts';
import { refuseFaulty, verifySnapshot } from '../../snapshot/verify.ts';
import { isOf, withOwnIds } from '../../snapshot/whose.ts';
import type { ArgumentsOf } from '../command.ts';
import { keyFor } from './key.ts';
import type { snapshotVerifyOptions } from './options.ts';

/** Checks a snapshot file here, and on a member where asked; fails when it must not be restored. */
export async function snapshotVerify(
  args: ArgumentsOf<typeof snapshotVerifyOptions>,
): Promise<void> {
  const { inventory } = await readInventory(args.inventory);
  const path = await snapshotNamed(inventory, args);
  const wantsInside =
    args.on !== undefined || args.identity !== undefined || args.passphraseFrom !== undefined;
  const key = wantsInside || process.stdin.isTTY ? await keyFor(path, args) : undefined;
  const verdict = await verifySnapshot(path, key);
  refuseFaulty(verdict);

  const { size: bytes, sha256 } = verdict;
  const opened =
    args.on === undefined || bytes === undefined || sha256 === undefined
      ? undefined
      : await withSession({ ...args, needs: 'any-host' }, ({ desired, hosts, unreachable }) => {
          const host = hosts.get(args.on ?? '');
          if (host === undefined) throw unreachable.get(args.on ?? '') ?? noMember(args.on, hosts);
          const shipment = { open: () => piecesOfSnapshot(path, key), size: bytes, sha256 };
          return inspectOn(host, desired, shipment);
        });
  console.log(args.json ? JSON.stringify({ ...verdict, opened }) : verifiedText(verdict, opened));
}

/** The file that was named, or the newest snapshot of the cluster. Throws a Failure where there is none. */
export async function snapshotNamed(
  inventory: Inventory,
  args: { inventory: string; file?: string | undefined; directory?: string | undefined },
): Promise<string> {
  if (args.file !== undefined) return args.file;
  const directory = snapshotDirectory(inventory, dirname(resolve(args.inventory)), args.directory);
  const all = await listSnapshots(directory);
  const origin = withOwnIds(originOf(inventory), all);
  const newest = all.find((one) => isOf(origin, one));
  if (newest !== undefined) return newest.path;
  throw new Failure('usage', `${directory}: holds no snapshot of ${origin.name}`, {
    next: [remedy`take one: ${provision('snapshot', 'save', INVENTORY)}`],
  });
}

/** What to say when a member is named that is not there. */
export function noMember(name: string | undefined, hosts: ReadonlyMap<string, unknown>): Failure {
  return new Failure('usage', `there is no member ${name ?? ''}`, {
    next: [remedy`members are ${[...hosts.keys()].join(', ')}`],
  });
}
