import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { RemoteFile } from '../host/write-files.ts';

/** Bytes that must be left where a log is copied to: a full file system ends every etcd that writes to it. */
export const LEFT_OVER = 256 * 1024 * 1024;

/** How a member's log comes to another directory, in the moment in which the member is stopped. */
export interface LogMove {
  readonly from: string;
  readonly to: string;
  /** A copy that an earlier attempt left lies there: the log in `from` is the one that is used. */
  readonly isBegun?: true;
}

/**
 * Where the log of a member is to be moved from; undefined where it is in its place, or where nobody knows that provision
 * has put it where it is.
 */
export function logMoveOf(
  { paths }: Pick<DesiredCluster, 'paths'>,
  { data, unitFile, logMove }: Pick<MemberFacts, 'data' | 'unitFile' | 'logMove'>,
): LogMove | undefined {
  const from = data?.logAt;
  if (from === undefined || data?.hasLog !== true) return undefined;
  const [, ours] = /^RequiresMountsFor=\S+ (\S+)$/m.exec(unitFile?.content ?? '') ?? [];
  const isBegun = logMove?.from === from && logMove.to === paths.wal;
  if (![ours, logMove?.from, logMove?.to].includes(from)) return undefined;
  return { from, to: paths.wal, ...(isBegun && { isBegun: true }) };
}

/** The former log and what an earlier attempt left, which go once the member answers. */
export function leftByMove(
  { paths }: Pick<DesiredCluster, 'paths'>,
  move: Pick<LogMove, 'from' | 'to'> | undefined,
  earlier?: Pick<LogMove, 'from' | 'to'>,
): readonly string[] {
  if (move === undefined && earlier === undefined) return [];
  const left = [
    ...(move === undefined ? [] : [formerLog(move.from)]),
    ...(earlier === undefined
      ? []
      : [earlier.from, earlier.to].flatMap((one) => [formerLog(one), partialLog(one)])),
  ];
  // The note goes last: by it the others are found.
  return [...new Set(left), paths.logMove];
}

/** What a log is called that has been copied to another directory. */
export function formerLog(path: string): string {
  return `${path}.former`;
}

/** What a log is called until it is copied as a whole. */
export function partialLog(path: string): string {
  return `${path}.part`;
}

/** The note of a move, by which a run that is killed in it can be finished. */
export function moveNote(
  { name, paths }: Pick<DesiredCluster, 'name' | 'paths'>,
  member: Pick<DesiredMember, 'name'>,
  { from, to }: LogMove,
): RemoteFile & { readonly content: string } {
  const content = `# provision: cluster ${name}, member ${member.name}
# Its log is moved from one of these directories to the other.
from=${from}
to=${to}
`;
  return { path: paths.logMove, content, mode: 0o600, owner: 'root:root' };
}
