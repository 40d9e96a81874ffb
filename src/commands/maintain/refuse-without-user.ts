import type { Operation } from '../../run/operation.ts';
import { askLack, needsUser } from '../../snapshot/needs-user.ts';

/** Throws a Failure (refused) where etcd's authentication is on and the hosts have no user that may keep house. */
export async function refuseWithoutUser({
  desired,
  hosts,
}: Pick<Operation, 'desired' | 'hosts'>): Promise<void> {
  const lacks = await Promise.all([...hosts.values()].map((host) => askLack(desired, host)));
  const lack = lacks.find((one) => one !== undefined);
  if (lack === undefined) return;
  const { name: cluster, version } = desired;
  const what = 'nobody without a user may compact, defragment or disarm; nothing was changed';
  throw needsUser({ cluster, version, lack, what });
}
