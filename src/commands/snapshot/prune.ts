import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isNamesake, originOf } from '../../desired/origin.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import { groupedBy } from '../../problem/grouped.ts';
import { remedy } from '../../problem/remedy.ts';
import { seconds } from '../../report/duration.ts';
import { pruneNotes } from '../../report/prune-text.ts';
import { agreed } from '../../run/ask.ts';
import { listSnapshots, type StoredSnapshot, snapshotDirectory } from '../../snapshot/directory.ts';
import { recordPath } from '../../snapshot/record.ts';
import { notRetained, type Retention } from '../../snapshot/retention.ts';
import { verifySnapshot } from '../../snapshot/verify.ts';
import { isNamedAfter, isOf, withOwnIds } from '../../snapshot/whose.ts';
import type { ArgumentsOf } from '../command.ts';
import type { snapshotPruneOptions } from './options.ts';

const DAY = 86_400_000;

/** Deletes the snapshots of this machine that no rule keeps, after showing them; the last good one of each cluster always stays. */
export async function snapshotPrune(args: ArgumentsOf<typeof snapshotPruneOptions>): Promise<void> {
  const { inventory } = await readInventory(args.inventory);
  const rules = retentionOf(args);
  const directory = snapshotDirectory(inventory, dirname(resolve(args.inventory)), args.directory);
  const all = await listSnapshots(directory);
  const origin = withOwnIds(originOf(inventory), all);
  const others = all.filter(({ record }) => record && isNamesake(origin, record));
  const foreignIds = new Set(others.map(({ record }) => record?.clusterId));
  // Whose one is with a damaged record, nobody can tell.
  const doubtful = all.filter(({ trouble }) => trouble !== undefined);
  const own = all.filter(
    (one) =>
      one.trouble === undefined &&
      isOf(origin, one) &&
      (one.record === undefined || !foreignIds.has(one.record.clusterId)),
  );
  const now = new Date();
  // Where the peers are not recorded, the id alone tells two clusters of one name apart: neither costs the other its own.
  const groups = groupedBy(own, ({ record }) => record?.clusterId);
  const lost = [...groups.values()].map((some) =>
    sparingTheLastGood(some, notRetained(some, rules, now)),
  );
  const gone = (await Promise.all(lost)).flat();
  const parts = await abandonedParts(directory, origin.name, now);
  if (!args.json)
    for (const sentence of pruneNotes(origin.name, groups, {
      others: others.length,
      doubtful: doubtful.length,
    }))
      console.error(`note: ${sentence}`);

  if (!args.json && gone.length + parts.length > 0) {
    for (const { path, size: bytes } of gone)
      console.error(`will delete ${basename(path)}, ${describeBytes(bytes)}`);
    for (const path of parts) console.error(`will delete ${basename(path)}, never finished`);
  }
  if (gone.length + parts.length > 0 && !args.yes)
    await agreed(`Delete ${gone.length + parts.length} files?`);
  for (const path of [...gone.map((one) => one.path), ...parts]) {
    // The record last: a snapshot without a record would look like somebody else's.
    await rm(path, { force: true });
    await rm(recordPath(path), { force: true });
  }
  const kept = all.length - gone.length;
  console.log(
    args.json
      ? JSON.stringify({ directory, deleted: [...gone.map(({ path }) => path), ...parts], kept })
      : `${directory}: ${gone.length} deleted, ${kept} kept`,
  );
}

/** The rules that were given. Throws a Failure when none was: that would delete everything. */
export function retentionOf(args: {
  keepLast?: number | undefined;
  keepDaily?: number | undefined;
  keepWithin?: string | undefined;
}): Retention {
  const { keepLast, keepDaily, keepWithin } = args;
  const numbers = [keepLast, keepDaily].filter((one) => one !== undefined);
  if (numbers.some((one) => !Number.isInteger(one) || one < 1)) {
    throw new Failure('usage', 'how many to keep must be a whole number of at least 1', {
      next: [remedy`for example --keep-last 10 --keep-daily 14`],
    });
  }
  if (numbers.length === 0 && keepWithin === undefined) {
    throw new Failure('usage', 'say what to keep', {
      next: [remedy`for example --keep-last 10 --keep-daily 14`],
    });
  }
  return {
    last: keepLast,
    daily: keepDaily,
    withinHours: keepWithin === undefined ? undefined : seconds(keepWithin, '--keep-within') / 3600,
  };
}

/** Those to be deleted without the newest good one, should none of those that stay be good. */
async function sparingTheLastGood(
  all: readonly StoredSnapshot[],
  gone: readonly StoredSnapshot[],
): Promise<readonly StoredSnapshot[]> {
  for (const snapshot of [...all.filter((one) => !gone.includes(one)), ...gone]) {
    const { fault } = await verifySnapshot(snapshot.path);
    if (fault === undefined) return gone.filter((one) => one !== snapshot);
  }
  // None is good, but one may still be all that somebody has.
  return [];
}

async function abandonedParts(
  directory: string,
  cluster: string,
  now: Date,
): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const parts = names
    .filter((name) => name.endsWith('.part') && isNamedAfter(cluster, name))
    .map((name) => join(directory, name));
  const found = await Promise.all(parts.map((path) => lstat(path)));
  return parts.filter((_, index) => {
    const one = found[index];
    return one?.isFile() === true && now.getTime() - one.mtimeMs > DAY;
  });
}
