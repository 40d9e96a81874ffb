import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { DataElsewhere } from '../../facts/data/data.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { observed } from '../../observed/observed.ts';
import { groupedBy } from '../../problem/grouped.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import { setUpOf } from '../ownership/set-up.ts';
import { within } from '../path.ts';
import { behind, type PlaceMove, placeMovesOf } from '../place-move.ts';
import type { Refusal } from '../plan.ts';

/**
 * Members whose data or log is not where the inventory has it: a start would begin an empty one. `up` moves what provision
 * has put where it is, of members that stay; what a hand has put somewhere it leaves alone.
 */
export function movedPlaces(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  movesPlaces: boolean,
): readonly Refusal[] {
  const { seen, outgoing } = observed(cluster, facts);
  const all = [
    ...seen.flatMap(({ name, found }) => misplaced(cluster, name, found, movesPlaces)),
    ...outgoing.flatMap(({ name, found }) =>
      found === undefined ? [] : misplaced(cluster, name, found, false),
    ),
  ];
  // The same of several members is told once.
  const alike = groupedBy(all, ({ kind, of, from, to, what }) =>
    JSON.stringify([kind, of, from, to, what]),
  );
  return [...alike.values()].map((same) => refusal(cluster, same));
}

/** Kinds of these refusals. */
export const MISPLACED: readonly string[] = ['data', 'log'].flatMap((of) => [
  ...[`${of}-moved`, `${of}-place-taken`, `${of}-place-unfit`],
]);

type Why = 'taken' | 'nested' | 'same' | 'fixed' | 'movable' | 'by-hand';

/** Data or a log that is not where it should be, in directories as the inventory names them. */
interface Misplaced {
  readonly name: string;
  readonly kind: Why;
  readonly of: PlaceMove['of'];
  readonly from: string;
  readonly to: string;
  /** What stands in the way. */
  readonly what?: string;
}

function misplaced(
  cluster: DesiredCluster,
  name: string,
  found: MemberFacts,
  movesPlaces: boolean,
): readonly Misplaced[] {
  const setUp = setUpOf(cluster, found);
  if (setUp === undefined) return [];
  const moves = placeMovesOf(cluster, found);
  const { data: { elsewhere } = {} } = found;
  const data =
    elsewhere === undefined
      ? undefined
      : misplacedData(cluster, elsewhere, dataOf(moves), movesPlaces);
  // Where that is not moved, nothing is.
  if (data !== undefined) return [{ name, of: 'data', ...data }];
  const log = misplacedLog(cluster, found, setUp.wal, moves, movesPlaces);
  return log === undefined ? [] : [{ name, of: 'log', ...log }];
}

type Place = Omit<Misplaced, 'name' | 'of'>;

function misplacedData(
  { paths }: DesiredCluster,
  { at: from, isTaken, isSame, isNested, fixed }: DataElsewhere,
  move: PlaceMove | undefined,
  movesPlaces: boolean,
): Place | undefined {
  const places = { from, to: paths.data };
  if (move === undefined) return { kind: 'by-hand', ...places };
  if (isSame === true) return { kind: 'same', ...places };
  if (isNested === true) return { kind: 'nested', ...places };
  if (isTaken === true && move.isBegun !== true) return { kind: 'taken', ...places };
  if (fixed !== undefined) return { kind: 'fixed', ...places, what: fixed };
  return movesPlaces ? undefined : { kind: 'movable', ...places };
}

function misplacedLog(
  { paths: { wal: to } }: DesiredCluster,
  { data }: MemberFacts,
  told: string | undefined,
  moves: readonly PlaceMove[],
  movesPlaces: boolean,
): Place | undefined {
  const move = moves.find(({ of }) => of === 'log');
  if (move !== undefined) {
    const places = { from: data?.logAt ?? move.from, to };
    if (within(move.from, to) || within(to, move.from)) return { kind: 'nested', ...places };
    const isTaken = data?.isLogPlaceTaken === true && move.isBegun !== true;
    if (isTaken) return { kind: 'taken', ...places };
    if (data?.logFixed !== undefined) return { kind: 'fixed', ...places, what: data.logFixed };
    return movesPlaces ? undefined : { kind: 'movable', ...places };
  }
  const from = data?.logAt ?? told;
  // One in the data goes with that.
  return from === undefined || behind(from, moves) === to
    ? undefined
    : { kind: 'by-hand', from, to };
}

function dataOf(moves: readonly PlaceMove[]): PlaceMove | undefined {
  return moves.find(({ of }) => of === 'data');
}

const SAID = {
  data: { is: 'data', variable: 'ETCD_DATA_DIR', other: 'other data' },
  log: {
    ...{ is: 'write-ahead log', variable: 'ETCD_WAL_DIR' },
    other: 'another log',
  },
};

function refusal({ paths }: DesiredCluster, same: readonly Misplaced[]): Refusal {
  const [first] = same;
  if (first === undefined) throw new TypeError('nothing is misplaced');
  const { kind, of, from, to, what = '' } = first;
  const about = same.map(({ name }) => name);
  const names = about.join(', ');
  const { is, other } = SAID[of];
  const key = of === 'data' ? 'etcd.paths.data' : paths.walKey;
  const keep = about.length === 1 ? `keeps its ${is}` : `keep their ${is}`;
  const says = `${names}: ${keep} in ${from}; the inventory says ${to} (${key})`;
  const unfit = (why: string, next: Next): Refusal => ({
    ...{ kind: `${of}-place-unfit`, about, sentence: `${says}, ${why}`, next },
  });
  switch (kind) {
    case 'taken':
      return {
        ...{ kind: `${of}-place-taken`, about, sentence: `${says}, and ${other} is there` },
        next: [
          remedy`find out whose it is, and move it away on ${names}; or name another directory as ${key}`,
        ],
      };
    case 'nested':
      return unfit('and one lies in the other', [
        remedy`name a directory beside ${from} as ${key}`,
      ]);
    case 'same':
      return unfit('which leads to the same directory', [
        remedy`put ${key}: ${from} back into ${INVENTORY}; or name a directory that is not a link to it`,
      ]);
    case 'fixed':
      return unfit(`and ${what} is a link or a mount point of its own`, [
        of === 'data'
          ? remedy`put ${key}: ${from} back into ${INVENTORY}; up moves data that lies as etcd has made it`
          : remedy`put etcd.paths.walDirectory: ${from} into ${INVENTORY}, in the place of etcd.paths.wal; up moves a log that lies as etcd has made it`,
      ]);
    case 'movable':
      return {
        ...{ kind: `${of}-moved`, about, sentence: says },
        next: [
          remedy`have it moved first, by an inventory that changes nothing else: ${provision('up', INVENTORY)}; or put ${key} back as it was`,
        ],
      };
    case 'by-hand':
      return { kind: `${of}-moved`, about, ...byHand(of, { names, keep, from, to, key }) };
  }
}

function byHand(
  of: PlaceMove['of'],
  said: {
    readonly names: string;
    readonly keep: string;
    readonly from: string;
    readonly to: string;
    readonly key: string;
  },
): Pick<Refusal, 'sentence' | 'next'> {
  const { names, keep, from, to, key } = said;
  const { variable } = SAID[of];
  const sentence = `${names}: ${keep} in ${from} (${variable})`;
  if (of === 'data')
    return {
      sentence: `${sentence}, and provision has not put it there; the inventory says ${to} (${key})`,
      next: [remedy`put ${key}: ${from} into ${INVENTORY}; up goes on with it there`],
    };
  return {
    sentence: `${sentence}; up would start it with ${to}, where its log is not`,
    next: [
      remedy`leave ${names} as it is until its log is moved: stop this member alone, move the files in ${from} to ${to}, where no log may be yet, ${to.endsWith('/member/wal') ? 'take ETCD_WAL_DIR away' : `set ETCD_WAL_DIR=${to}`}, start it`,
    ],
  };
}
