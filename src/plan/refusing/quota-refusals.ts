import type { DesiredCluster } from '../../desired/cluster.ts';
import { backendQuota } from '../../etcd/backend-quota.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';

/** A database without a key, and space for the first. */
const EMPTY = 64 * 1024;

/**
 * Why members must not be started with the quota of the inventory: what they hold has no space in it, so that the whole
 * cluster would take no write from its first one on. With a quota that runs already nothing gets worse.
 */
export function quotaRefusals(
  desired: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const tight = observed(desired, facts).members.flatMap(({ name, desired: member, found }) => {
    const wanted = member.environment({ token: '', state: 'existing', crl: true, peerCrl: true });
    const quota = backendQuota(wanted);
    const running = found?.unit.process;
    const isSmaller = running === undefined || quota < backendQuota(running.environment);
    const held = found?.etcd.status?.dbSize ?? 0;
    return isSmaller && quota < held + EMPTY ? [{ name, quota, held }] : [];
  });
  const [first] = tight;
  if (first === undefined) return [];
  const held = Math.max(...tight.map((one) => one.held));
  const holds = held === 0 ? 'no key has space in' : `a database of ${held} bytes has no space in`;
  return [
    {
      kind: 'quota',
      about: tight.map(({ name }) => name),
      sentence: `${tight.map(({ name }) => name).join(', ')}: ${holds} etcd.settings.quota-backend-bytes ${first.quota}; the cluster would take no write`,
      next: [
        remedy`set etcd.settings.quota-backend-bytes (in bytes; 2147483648 where it is left out) well above ${held + EMPTY}`,
      ],
    },
  ];
}
