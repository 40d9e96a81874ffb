import type { OwnPlaces } from '../../desired/access.ts';
import { statusFor } from '../../facts/etcd/ask-status.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { remedy } from '../../problem/remedy.ts';

/**
 * Sees that the last member that runs still has the revision of the snapshot. Without the others nothing can be
 * acknowledged any more, so that the snapshot has everything then. Throws a Failure.
 */
export async function checkUnchanged(host: Host, own: OwnPlaces, revision: number): Promise<void> {
  const { revision: found } = await statusFor(host, own, 'ask for its revision');
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
