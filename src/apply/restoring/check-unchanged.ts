import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import { readEndpointStatus } from '../../etcd/answers.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { remedy } from '../../problem/remedy.ts';

/**
 * Sees that the last member that runs still has the revision of the snapshot. Without the others nothing can be
 * acknowledged any more, so that the snapshot has everything then. Throws a Failure.
 */
export async function checkUnchanged(host: Host, own: OwnPlaces, revision: number): Promise<void> {
  const status = ownEtcdctl(ownEtcd(own), ['endpoint', 'status', '-w', 'json']);
  const { stdout } = await must(host, 'ask for its revision', status);
  const found = readEndpointStatus(stdout)[0]?.revision;
  if (found === revision) return;
  throw new Failure(
    'failed',
    `${host.name}: has revision ${found}, the snapshot has ${revision}: somebody wrote in between`,
    {
      next: [
        remedy`find out who writes from a member itself (loopback), stop it, and run the same command again`,
      ],
    },
  );
}
