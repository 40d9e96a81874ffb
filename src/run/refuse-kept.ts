import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { takeOver } from '../plan/keeping/take-over.ts';

/** Refuses what needs members that run as provision sets them up, before anything is done for it. Throws a Failure. */
export function refuseKept(
  { name, keepsLayout }: Pick<DesiredCluster, 'name' | 'keepsLayout'>,
  what: string,
): void {
  if (keepsLayout !== true) return;
  throw new Failure('refused', `${name}: ${what} is not made with layout: keep`, {
    next: [takeOver],
  });
}
