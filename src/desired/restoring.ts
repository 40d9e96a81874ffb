import type { DesiredCluster, DesiredPaths } from './cluster.ts';

/** Where on a host a restore works. Everything is on the file system of the data, so that it moves by renaming. */
export interface RestorePlaces {
  readonly data: string;
  /** What is being prepared while the former data may still be in use. */
  readonly staging: string;
  readonly snapshot: string;
  /** What etcd's own tool said of the snapshot on this host. */
  readonly status: string;
  readonly restoredData: string;
  /** Where the former data goes. */
  readonly aside: string;
}

/**
 * Where a host keeps what a restore has set out to do, from before its first step until after its last: by the unit, of which
 * there is one on a host, while two clusters there may have one name. No name has a dot, so none is taken for a unit.
 */
export function intentPath({ unit }: Pick<DesiredCluster, 'unit'>): string {
  return `/var/lib/provision/restore-${unit}.service.json`;
}

/** Where earlier versions of this program kept it. */
export function formerIntentPath({ name }: Pick<DesiredCluster, 'name'>): string {
  return `/var/lib/provision/restore-${name}.json`;
}

/** Where a restore that began at the time (20261121T100000Z) works; a mount point cannot be renamed, so there it works inside. */
export function restorePlaces(
  { data }: Pick<DesiredPaths, 'data'>,
  began: string,
  mounted: boolean,
): RestorePlaces {
  const staging = mounted ? `${data}/restoring` : `${data}.restoring`;
  return {
    data,
    staging,
    snapshot: `${staging}/snapshot.db`,
    status: `${staging}/status`,
    restoredData: `${staging}/data`,
    aside: mounted ? `${data}/aside-${began}` : `${data}.aside-${began}`,
  };
}
