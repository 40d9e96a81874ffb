import type { MoveNote } from '../facts/data/move-note.ts';
import {
  behind,
  dataIn,
  type Found,
  formerPlace,
  notePath,
  type PlaceMove,
  type Places,
  partialPlace,
  placeMovesOf,
  placesNow,
} from './place-move.ts';

/** What moves leave, and why it may go. */
export interface Former {
  readonly paths: readonly string[];
  readonly because: string;
}

/**
 * What was moved and what earlier attempts left, which goes once the member answers. `is` are the places of then: where the
 * inventory has them unless said.
 */
export function leftByMoves(
  { paths }: Places,
  moves: readonly PlaceMove[],
  earlier: readonly (readonly [
    of: PlaceMove['of'],
    note: Pick<MoveNote, 'from' | 'to'> | undefined,
  ])[],
  is: { readonly data: string; readonly wal: string } = paths,
): Former | undefined {
  const noted = earlier.flatMap(([of, note]) => (note === undefined ? [] : [{ of, ...note }]));
  if (moves.length + noted.length === 0) return undefined;
  const left = [
    ...moves.map(({ from }) => formerPlace(from)),
    ...noted.flatMap(({ from, to }) =>
      [from, to].flatMap((one) => [formerPlace(one), partialPlace(one)]),
    ),
  ];
  // The notes go last: by them the others are found.
  const kinds = new Set([...moves, ...noted].map(({ of }) => of));
  const notes = [...kinds].map((of) => notePath(paths, of));
  const where = [
    ...(kinds.has('data') ? [`its data is in ${is.data}`] : []),
    ...(kinds.has('log') ? [`its log is in ${is.wal}`] : []),
  ];
  // What lies in the data goes with it.
  const all = left.flatMap((one) => [one, behind(one, moves)]);
  return { paths: [...new Set([...all, ...notes])], because: where.join(', ') };
}

/** What moves of a member leave that are to be done, and those that were. */
export function formerOf(cluster: Places, found: Found): Former | undefined {
  const moves = placeMovesOf(cluster, found);
  return withCopies(cluster, found, leftByMoves(cluster, moves, notesOf(found)));
}

/**
 * What earlier moves left of a member that is ready, where others follow: it goes before these, for behind their notes
 * nobody would find it.
 */
export function leftBefore(cluster: Places, found: Found): Former | undefined {
  const moves = placeMovesOf(cluster, found);
  const over = notesOf(found).filter(([of]) =>
    moves.every((one) => one.of !== of || one.isBegun !== true),
  );
  return moves.length === 0
    ? undefined
    : withCopies(cluster, found, leftByMoves(cluster, [], over, placesNow(cluster, found)));
}

type Noted = readonly [of: PlaceMove['of'], note: MoveNote | undefined];

function notesOf({ dataMove, logMove }: Found): readonly Noted[] {
  return [
    ['data', dataMove],
    ['log', logMove],
  ];
}

/** Of what is used in one of two places, and goes elsewhere or nowhere, a copy may lie in the other one. */
function withCopies(cluster: Places, found: Found, left: Former | undefined): Former | undefined {
  if (left === undefined || found.data?.hasLog !== true) return left;
  const { data, wal } = placesNow(cluster, found);
  const goesTo = placeMovesOf(cluster, found).map(({ to }) => to);
  const copies = notesOf(found).flatMap(([, note]) => {
    // What is not seen to be a copy may be somebody else's by now.
    const two = note?.isCopied === true ? [note.from, note.to] : [];
    const isUsed = two.some((one) => [dataIn(data), wal].includes(one));
    return isUsed ? two.filter((one) => ![dataIn(data), wal, ...goesTo].includes(one)) : [];
  });
  return { ...left, paths: [...copies, ...left.paths] };
}
