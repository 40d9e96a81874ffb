import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { mountsIn } from '../desired/unit-mounts.ts';
import type { MoveNote } from '../facts/data/move-note.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { RemoteFile } from '../host/write-files.ts';
import { parentOf, within } from './path.ts';

/** Bytes that must be left where something is copied to: a full file system ends every etcd that writes to it. */
export const LEFT_OVER = 256 * 1024 * 1024;

/** How a member's data or log comes to another directory, in the moment in which the member is stopped. */
export interface PlaceMove {
  /** What is moved: all that etcd has in its data directory, or the log alone. */
  readonly of: 'data' | 'log';
  readonly from: string;
  readonly to: string;
  /** A copy that an earlier attempt left may lie there: what is in `from` is what is used. */
  readonly isBegun?: true;
}

/** What of a cluster decides about them. */
export type Places = Pick<DesiredCluster, 'paths'>;
/** What of a member's facts does. */
export type Found = Pick<MemberFacts, 'data' | 'unitFile' | 'dataMove' | 'logMove'>;

/**
 * What of a member is to be moved, in the order in which it is done: a log in the data goes with that, and from there to a
 * directory of its own. Nothing where all is in its place, or where nobody knows that provision has put it where it is.
 */
export function placeMovesOf(cluster: Places, found: Found): readonly PlaceMove[] {
  const data = dataMoveOf(cluster, found);
  const log = logMoveOf(cluster, found, data);
  return [data, log].flatMap((one) => one ?? []);
}

function dataMoveOf({ paths }: Places, found: Found): PlaceMove | undefined {
  const { elsewhere, hasLog } = found.data ?? {};
  if (elsewhere === undefined || hasLog !== true) return undefined;
  const [from, to] = [dataIn(elsewhere.at), dataIn(paths.data)];
  const [ours] = mountsIn(found.unitFile?.content);
  const { dataMove } = found;
  if (ours !== elsewhere.at && ![dataMove?.from, dataMove?.to].includes(from)) return undefined;
  return { of: 'data', from, to, ...isBegun(dataMove, { from, to }) };
}

function logMoveOf(
  { paths: { wal } }: Places,
  found: Found,
  withData: PlaceMove | undefined,
): PlaceMove | undefined {
  const { logAt, hasLog } = found.data ?? {};
  if (logAt === undefined || hasLog !== true) return undefined;
  const from = behind(logAt, withData === undefined ? [] : [withData]);
  if (from === wal) return undefined;
  const [, ours] = mountsIn(found.unitFile?.content);
  const { logMove } = found;
  if (ours !== logAt && ![logMove?.from, logMove?.to].includes(from)) return undefined;
  return { of: 'log', from, to: wal, ...isBegun(logMove, { from, to: wal }) };
}

/** What etcd has in a data directory, with all that it keeps. */
export function dataIn(directory: string): string {
  return `${directory}/member`;
}

/** Whichever way it went: of both, the one that was used last is known. */
function isBegun(note: MoveNote | undefined, { from, to }: Pick<PlaceMove, 'from' | 'to'>) {
  const places = note && [note.from, note.to];
  return places?.includes(from) && places.includes(to) ? ({ isBegun: true } as const) : {};
}

/** Where the data and the log of a member are. */
export function placesNow({ paths }: Places, { data }: Found) {
  return { data: data?.elsewhere?.at ?? paths.data, wal: data?.logAt ?? paths.wal };
}

/** A move that was begun, where the unit would start the member without what was to be moved. */
export function cutOffMove(cluster: Places, found: Found): Omit<PlaceMove, 'isBegun'> | undefined {
  const { data, dataMove, logMove } = found;
  if (data?.hasLog !== true) return undefined;
  const [dataThen, logThen] = mountsIn(found.unitFile?.content);
  const { data: dataNow, wal: logNow } = placesNow(cluster, found);
  if (dataMove !== undefined && dataThen !== undefined && dataThen !== dataNow)
    return { of: 'data', from: dataIn(dataNow), to: dataIn(dataThen) };
  if (logMove !== undefined && logThen !== undefined && logThen !== logNow)
    return { of: 'log', from: logNow, to: logThen };
  return undefined;
}

/** The same moves back, the last one first. */
export function backwards(moves: readonly PlaceMove[]): readonly PlaceMove[] {
  return moves.toReversed().map(({ of, from, to }) => ({ of, from: to, to: from }));
}

/** Where something of a member is behind these moves. */
export function behind(path: string, moves: readonly PlaceMove[]): string {
  return moves.reduce(
    (now, { from, to }) => (within(now, from) ? `${to}${now.slice(from.length)}` : now),
    path,
  );
}

/** Where something of a member was before these moves, by where it is behind them. */
export function formerly(path: string, moves: readonly PlaceMove[]): string {
  return behind(path, backwards(moves));
}

/** What is called so has been copied to another directory. */
export function formerPlace(path: string): string {
  return `${path}.former`;
}

/** What it is called there until all of it is copied. */
export function partialPlace(path: string): string {
  return `${path}.part`;
}

/** Where the note of a move is. */
export function notePath(paths: Places['paths'], of: PlaceMove['of']): string {
  return of === 'data' ? paths.dataMove : paths.logMove;
}

/** Whether the file is the note of a move. */
export function isNote({ paths }: Places, path: string): boolean {
  return path === paths.dataMove || path === paths.logMove;
}

/** The note of a move, by which a run that is killed in it can be finished. */
export function moveNote(
  { name, paths }: Pick<DesiredCluster, 'name' | 'paths'>,
  member: Pick<DesiredMember, 'name'>,
  { of, from, to }: PlaceMove,
): RemoteFile & { readonly content: string } {
  const content = `# provision: cluster ${name}, member ${member.name}
# Its ${of} is moved from one of these directories to the other.
from=${from}
to=${to}
`;
  return { path: notePath(paths, of), content, mode: 0o600, owner: 'root:root' };
}

/** A move, for a sentence. */
export function describeMove(move: PlaceMove): string {
  const { of, from, to } = namedPlaces(move);
  return `move its ${of} from ${from} to ${to}`;
}

/** The places of a move as people name them: data by the directory that is etcd's data directory. */
export function namedPlaces({ of, from, to }: PlaceMove): Omit<PlaceMove, 'isBegun'> {
  return of === 'data' ? { of, from: parentOf(from), to: parentOf(to) } : { of, from, to };
}
