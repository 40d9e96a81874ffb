import { ownEtcd } from '../../desired/access.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import type { MaintenanceStepOf } from '../../plan/maintaining/maintenance-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

const GRACE = 15;

/** Has the cluster compact its history, and waits until this member has removed it. Throws a Failure. */
export async function compact(
  host: Host,
  { own, revision, seconds }: MaintenanceStepOf<'compact'>,
): Promise<void> {
  const words = ['compact', '--physical=true', String(revision)];
  const asked = ownEtcdctl(ownEtcd(own), words, seconds);
  const result = await host.run(asked, { deadline: seconds + GRACE });
  if (result.exitCode === 0) return;
  // A run before this one, or etcd's own compaction, has come first.
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
