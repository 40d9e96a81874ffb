import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import { complaint } from '../../etcd/complaint.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { statusFor } from '../../facts/etcd/ask-status.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host, Result } from '../../host/host.ts';
import { HostError, must } from '../../host/host-error.ts';
import type { MaintenanceStepOf } from '../../plan/maintaining/maintenance-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { moreQuota } from './more-quota.ts';

const MIB = 1_048_576;
/** What must stay free beside the copy: with less etcd dies at one of its next writes. */
const LEAST_SPACE = 8 * MIB;
/** Seconds that etcdctl has to say that its own time is over. */
const GRACE = 15;

/**
 * Has a member rewrite its database. Throws a Failure: refused where the copy does not fit, and paused where it takes
 * longer than it is waited for; etcd does not give it up then (server/storage/backend, defrag), and nothing is broken.
 */
export async function defragment(
  host: Host,
  { own, data, seconds, limit }: MaintenanceStepOf<'defragment'>,
): Promise<void> {
  const { dbSize, dbSizeInUse = dbSize } = await statusFor(
    host,
    own,
    'ask how large its database is',
  );
  await requireSpace(host, data, dbSizeInUse);
  const asked = ownEtcdctl(ownEtcd(own), ['defrag'], seconds);
  const result = await host.run(asked, { deadline: seconds + GRACE });
  if (result.exitCode === 0) return requireFit(host, own, limit);
  throw isOutOfTime(result)
    ? stillBusy(host, seconds, dbSize)
    : new HostError(host.name, 'defragment its database', result, [
        remedy`see why: ${provision('doctor', INVENTORY)}`,
      ]);
}

/**
 * Throws a Failure where the database is still too large. Before it was rewritten nobody could have told: pages that a reader
 * holds while they are freed count as in use until the next write, and a cluster that is full takes none.
 */
async function requireFit(
  host: Host,
  own: OwnPlaces,
  limit: MaintenanceStepOf<'defragment'>['limit'],
): Promise<void> {
  if (limit === undefined) return;
  const { dbSize: left } = await statusFor(host, own, 'ask how large its database is');
  if (left < limit.most) return;
  throw new Failure(
    'failed',
    `${host.name}: its database still has ${describeBytes(left)} after the defragmentation, and a quota of ${describeBytes(limit.quota)} takes writes below ${describeBytes(limit.most)} only; no further member was touched`,
    { next: moreQuota(left) },
  );
}

async function requireSpace(host: Host, data: string, copied: number): Promise<void> {
  const asked = sh`stat -f -c '%a %S' ${data}`;
  const { stdout } = await must(host, `see how much is free in ${data}`, asked);
  const [blocks = 0, size = 0] = stdout.trim().split(' ').map(Number);
  const free = blocks * size;
  if (free >= copied + LEAST_SPACE) return;
  throw new Failure(
    'refused',
    `${host.name}: a defragmentation writes a copy of ${describeBytes(copied)} beside its database, and ${describeBytes(free)} are free in ${data}`,
    {
      next: [
        remedy`make room on the disk of ${data} on ${host.name}, then run the same command again`,
      ],
    },
  );
}

/** etcdctl's own words where --command-timeout has passed. */
function isOutOfTime({ stdout, stderr }: Result): boolean {
  return (
    /deadline exceeded/i.test(complaint(`${stdout}\n${stderr}`)) || /DeadlineExceeded/.test(stderr)
  );
}

function stillBusy(host: Host, seconds: number, size: number): Failure {
  return new Failure(
    'paused',
    `${host.name}: still defragments its ${describeBytes(size)} after ${seconds} s; it goes on by itself and answers when it is over, the others serve meanwhile, and no further member was touched`,
    {
      next: [
        remedy`when ${provision('status', INVENTORY)} shows that it answers, run the same command again, with a longer --timeout`,
      ],
    },
  );
}
