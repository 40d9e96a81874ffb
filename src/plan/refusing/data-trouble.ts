import type { DatabaseFact } from '../../facts/data/database.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { judgeLog } from '../log-verdict.ts';

/** Why etcd would not start with the data of a member that does not run; nothing where no reason is seen. */
export function dataTrouble({
  unit,
  data,
  database,
  incarnation,
}: Pick<MemberFacts, 'unit' | 'data' | 'database' | 'incarnation'>): string | undefined {
  if (unit.pid > 0) return undefined;
  // etcd reads all segments that are left for the snapshots they name, from the first on (wal ValidSnapshotEntries).
  if (data?.hasLog === true && data.wal === undefined)
    return 'its data is damaged: the beginning of its write-ahead log cannot be read';
  if (judgeLog({ data, incarnation }) === 'damaged')
    return 'its data is damaged: its write-ahead log does not fit its checksums';
  return database && (unreadable(database) ?? olderThanLog(database));
}

function unreadable({ size, meta }: DatabaseFact): string | undefined {
  // An empty one is made again, from the log, where no snapshot stands between.
  if (size === undefined || size === 0) return undefined;
  if (meta === undefined)
    return 'its database (member/snap/db) is damaged: neither of its first two pages can be read';
  const needed = meta.pages * meta.pageSize;
  return size < needed
    ? `its database (member/snap/db) is cut short: ${size} bytes of at least ${needed}`
    : undefined;
}

/** etcd ends where a snapshot of the log is ahead of the database (etcdserver recoverSnapshotBackend). */
function olderThanLog({ size, index, snapshot }: DatabaseFact): string | undefined {
  if (snapshot === undefined) return undefined;
  const file = 'its database (member/snap/db)';
  if (size === undefined || size === 0)
    return `${file} is ${size === undefined ? 'missing' : 'empty'}, and the newest snapshot of its log (${snapshot.name}) needs it`;
  if (index === undefined || index >= snapshot.index) return undefined;
  return `${file} is older than its log: it ends at entry ${index}, and the log goes on from ${snapshot.index} (${snapshot.name})`;
}
