import { ownEtcd } from '../../desired/access.ts';
import { readAlarms } from '../../etcd/alarms.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { MaintenanceStepOf } from '../../plan/maintaining/maintenance-step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { askMembers } from '../gates/ask-members.ts';
import type { GateContext, StepContext } from '../step-context.ts';
import { moreQuota } from './more-quota.ts';

/** Disarms NOSPACE where every member is small enough now. Throws a Failure (refused) where one is not, or beside CORRUPT. */
export async function disarmNoSpace(
  host: Host,
  site: StepContext,
  { cluster, most }: MaintenanceStepOf<'disarm-nospace'>,
): Promise<void> {
  await requireSmall({ ...site, desired: cluster }, most);
  const own = ownEtcd(cluster);
  const { stdout } = await must(host, 'list its alarms', ownEtcdctl(own, ['alarm', 'list']));
  const alarms = readAlarms(stdout);
  // etcdctl disarms whatever stands (etcdctl/ctlv3/command/alarm_command.go).
  if (alarms.some(({ kind }) => kind === 'CORRUPT'))
    throw new Failure('refused', `${host.name}: tells of a CORRUPT alarm; none is disarmed`, {
      next: [remedy`see what it is about: ${provision('doctor', INVENTORY)}`],
    });
  if (alarms.length > 0) await must(host, 'disarm NOSPACE', ownEtcdctl(own, ['alarm', 'disarm']));
}

async function requireSmall(
  site: GateContext,
  most: Readonly<Record<string, number>>,
): Promise<void> {
  const told = await askMembers(Object.keys(most), site);
  const full = [...told].flatMap(([name, { status, complaint }]) => {
    const limit = most[name] ?? Number.POSITIVE_INFINITY;
    const size = status?.dbSize ?? Number.POSITIVE_INFINITY;
    if (size < limit) return [];
    const sentence =
      status === undefined
        ? `${name} does not say how large it is (${complaint ?? 'no answer'})`
        : `${name} has ${describeBytes(size)}, and less than ${describeBytes(limit)} is needed`;
    return [{ sentence, size }];
  });
  if (full.length === 0) return;
  const sizes = full.map(({ size }) => size).filter(Number.isFinite);
  throw new Failure(
    'failed',
    `${site.desired.name}: NOSPACE is not disarmed: ${full.map(({ sentence }) => sentence).join('; ')}`,
    {
      next:
        sizes.length < full.length
          ? [remedy`see why: ${provision('doctor', INVENTORY)}`]
          : moreQuota(Math.max(...sizes)),
    },
  );
}
