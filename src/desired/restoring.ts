import { usualLog } from '../etcd/usual-log.ts';
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
  /** Where in that the log is, where it is not where etcd has it by itself. */
  readonly logInData?: string;
  /** Where the former data goes. */
  readonly aside: string;
  /** The same of the log, where it has a directory of its own: on the file system of that. */
  readonly log?: RestoreLogPlaces;
}

/** Where a restore works beside the directory of a log. */
export interface RestoreLogPlaces {
  readonly home: string;
  readonly staging: string;
  /** Holds what will be in the directory. */
  readonly restored: string;
  /** The log in that: in a directory of its own, or the segments themselves. */
  readonly isBare: boolean;
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
  { data, wal, walHome }: Pick<DesiredPaths, 'data' | 'wal' | 'walHome'>,
  began: string,
  { mounted, logMounted = false }: RestoreMounts,
): RestorePlaces {
  const staging = stagingOf(data, mounted);
  return {
    data,
    staging,
    snapshot: `${staging}/snapshot.db`,
    status: `${staging}/status`,
    restoredData: `${staging}/data`,
    ...(walHome === undefined && wal !== usualLog(data) && { logInData: wal.slice(data.length) }),
    aside: asideOf(data, began, mounted),
    ...(walHome !== undefined && {
      log: {
        home: walHome,
        staging: stagingOf(walHome, logMounted),
        restored: `${stagingOf(walHome, logMounted)}/data`,
        aside: asideOf(walHome, began, logMounted),
        isBare: walHome === wal,
      },
    }),
  };
}

/** Which of the directories are mount points. */
export interface RestoreMounts {
  readonly mounted: boolean;
  readonly logMounted?: boolean;
}

/** Where a restore prepares things. */
export function stagingOf(directory: string, mounted: boolean): string {
  return mounted ? `${directory}/restoring` : `${directory}.restoring`;
}

function asideOf(directory: string, began: string, mounted: boolean): string {
  return mounted ? `${directory}/aside-${began}` : `${directory}.aside-${began}`;
}
