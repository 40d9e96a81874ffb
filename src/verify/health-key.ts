import { randomUUID } from 'node:crypto';
import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';

/** The only key provision ever writes. */
export const HEALTH_KEY = 'provision/health';

/**
 * Writes a fresh value through the first member, then reads it back through every endpoint (linearizable).
 * With etcd's authentication switched on, being denied by a member is an answer too, as for `etcdctl endpoint health`.
 * Throws a Failure that names the endpoint which gave something else.
 */
export async function proveWrites(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const members = desired.members.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const [first] = members;
  if (first === undefined) return;

  const own = ownEtcd(desired);
  const value = randomUUID();
  const write = await first.host.run(ownEtcdctl(own, ['put', HEALTH_KEY, value]));
  if (/permission denied|user name is empty/.test(write.stderr)) return;
  if (write.exitCode !== 0) {
    throw new Failure(
      'failed',
      `${first.member.name}: did not accept a write: ${write.stderr.trim()}`,
    );
  }
  await Promise.all(
    members.map(async ({ member, host }) => {
      const read = ownEtcdctl(own, ['get', HEALTH_KEY, '--print-value-only']);
      const { stdout } = await must(host, `read ${HEALTH_KEY} through ${member.clientUrl}`, read);
      if (stdout.trim() === value) return;
      throw new Failure(
        'failed',
        `${member.name}: reads "${stdout.trim().slice(0, 80)}" through ${member.clientUrl}, written was "${value}"`,
      );
    }),
  );
}
