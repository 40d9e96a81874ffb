import { usualLog } from '../etcd/usual-log.ts';
import type { Inventory } from '../inventory/schema.ts';

/** Where the log of a member is. */
export interface LogPlace {
  /** What etcd writes its log into. */
  readonly wal: string;
  /**
   * What is the log's alone, where it is not in the data directory: our directory around it, for etcd makes a new log beside
   * the old one; or the very directory of the log, where the inventory names that.
   */
  readonly walHome?: string | undefined;
  /** Where etcd makes a new log and gives it its name, where that directory is not the log's alone. */
  readonly walAbove?: string | undefined;
  /** What the inventory says it by. */
  readonly walKey: 'etcd.paths.wal' | 'etcd.paths.walDirectory';
}

/** Decides where the log is. */
export function logPlace({ data, wal, walDirectory }: Inventory['etcd']['paths']): LogPlace {
  if (walDirectory === undefined)
    return {
      wal: wal === undefined ? usualLog(data) : `${wal}/wal`,
      walHome: wal,
      walKey: 'etcd.paths.wal',
    };
  const isInside = walDirectory.startsWith(`${data}/`);
  return {
    wal: walDirectory,
    walKey: 'etcd.paths.walDirectory',
    ...(!isInside && {
      walHome: walDirectory,
      walAbove: walDirectory.slice(0, walDirectory.lastIndexOf('/')),
    }),
  };
}
