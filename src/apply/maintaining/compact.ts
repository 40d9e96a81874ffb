import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import type { MaintenanceStepOf } from '../../plan/maintaining/maintenance-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { ownStatus } from '../own-status.ts';
import { moreQuota } from './more-quota.ts';

const GRACE = 15;

/** Has the cluster compact its history, and waits until this member has removed it. Throws a Failure. */
export async function compact(
  host: Host,
  { own, revision, seconds, limit }: MaintenanceStepOf<'compact'>,
): Promise<void> {
  const words = ['compact', '--physical=true', String(revision)];
  const asked = ownEtcdctl(ownEtcd(own), words, seconds);
  const result = await host.run(asked, { deadline: seconds + GRACE });
  if (result.exitCode === 0) return requireFit(host, own, limit);
  // A run before this one, or etcd's own compaction, has come first; what is in use is told late then.
  if (/has been compacted/.test(result.stderr)) return;
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

/** Throws a Failure where more is in use than a defragmentation could bring below the limit. 3.3 does not say what is. */
async function requireFit(
  host: Host,
  own: OwnPlaces,
  limit: MaintenanceStepOf<'compact'>['limit'],
): Promise<void> {
  if (limit === undefined) return;
  const { dbSizeInUse: used } = await ownStatus(host, own);
  if (used !== undefined && used >= limit.most) throw tooMuch(host, used, limit);
}

function tooMuch(
  host: Host,
  used: number,
  { quota, most }: { readonly quota: number; readonly most: number },
): Failure {
  return new Failure(
    'failed',
    `${host.name}: ${describeBytes(used)} are in use after the compaction, and a quota of ${describeBytes(quota)} takes writes below ${describeBytes(most)} only: no defragmentation gains enough`,
    { next: moreQuota(used) },
  );
}
