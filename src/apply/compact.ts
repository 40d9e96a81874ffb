import { setTimeout as sleep } from 'node:timers/promises';
import { ownEtcd } from '../desired/access.ts';
import { describeBytes } from '../etcd/bytes.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import type { MaintenanceStepOf } from '../plan/maintaining/maintenance-step.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { ownStatus } from './own-status.ts';

const GRACE = 15;
/** Milliseconds between two looks: a compaction removes the next batch after some ten (mvcc/kvstore_compaction.go). */
const PAUSE = 1000;

/** Has the cluster compact its history, and waits until this member has removed it. Throws a Failure. */
export async function compact(
  host: Host,
  { own, revision, seconds }: MaintenanceStepOf<'compact'>,
): Promise<void> {
  const words = ['compact', '--physical=true', String(revision)];
  const asked = ownEtcdctl(ownEtcd(own), words, seconds);
  const result = await host.run(asked, { deadline: seconds + GRACE });
  // A run before this one, or etcd's own compaction, has come first.
  if (result.exitCode === 0 || /has been compacted/.test(result.stderr)) return;
  if (/deadline exceeded/i.test(result.stderr))
    throw new Failure(
      'paused',
      `${host.name}: still removes what was compacted after ${seconds} s; every member goes on by itself, and serves meanwhile`,
      { next: [remedy`run the same command again later, with a longer --timeout`] },
    );
  throw new HostError(host.name, `compact to revision ${revision}`, result, [
    remedy`see why: ${provision('doctor', INVENTORY)}`,
  ]);
}

/**
 * Waits until what a member has in use does not shrink any more. Throws a Failure where that is more than a
 * defragmentation could bring below the limit. Before 3.4 members do not say what is in use.
 */
export async function awaitCompacted(
  host: Host,
  { own, seconds, limit }: MaintenanceStepOf<'await-compacted'>,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let last = Number.POSITIVE_INFINITY;
  for (;;) {
    const { dbSizeInUse: used } = await ownStatus(host, own);
    if (used === undefined) return;
    if (used >= last || Date.now() > until) {
      if (limit !== undefined && used >= limit.most) throw tooMuch(host, used, limit);
      return;
    }
    last = used;
    await sleep(PAUSE);
    signal.throwIfAborted();
  }
}

function tooMuch(
  host: Host,
  used: number,
  { quota, most }: { readonly quota: number; readonly most: number },
): Failure {
  return new Failure(
    'failed',
    `${host.name}: ${describeBytes(used)} are in use after the compaction, and a quota of ${describeBytes(quota)} takes writes below ${describeBytes(most)} only: no defragmentation gains enough`,
    {
      next: [
        remedy`set etcd.settings.quota-backend-bytes to ${enough(used)} in the inventory, ${provision('up', INVENTORY)}, then ${provision('maintain', 'space', INVENTORY)}`,
        remedy`delete keys that nobody needs (etcd takes deletions), then run the same command again`,
      ],
    },
  );
}

/** A quota of which half is free, as a whole power of two of bytes. */
function enough(used: number): number {
  return 2 ** Math.ceil(Math.log2(used * 2));
}
