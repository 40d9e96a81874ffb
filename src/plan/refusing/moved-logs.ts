import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { observed } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { groupedBy } from '../grouped.ts';
import { logMoveOf } from '../log-move.ts';
import { setUpOf } from '../ownership/set-up.ts';
import type { Refusal } from '../plan.ts';

/**
 * Members whose log is not where the inventory has it: a start would begin an empty one. `up` moves those that provision has
 * put where they are, of members that stay; what a hand has put somewhere it leaves alone.
 */
export function movedLogs(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  movesLogs: boolean,
): readonly Refusal[] {
  const { seen, outgoing } = observed(cluster, facts);
  const all = [
    ...seen.flatMap(({ name, found }) => movedLog(cluster, name, found, movesLogs) ?? []),
    ...outgoing.flatMap(({ name, found }) =>
      found === undefined ? [] : (movedLog(cluster, name, found, false) ?? []),
    ),
  ];
  // The same of several members is told once.
  const alike = groupedBy(all, ({ kind, from, to }) => JSON.stringify([kind, from, to]));
  return [...alike.values()].map((same) => refusal(same));
}

/** A log that is not where it should be. */
interface Misplaced {
  readonly name: string;
  readonly kind: 'taken' | 'movable' | 'by-hand';
  readonly from: string;
  readonly to: string;
}

function movedLog(
  cluster: DesiredCluster,
  name: string,
  found: MemberFacts,
  movesLogs: boolean,
): Misplaced | undefined {
  const { wal } = cluster.paths;
  const setUp = setUpOf(cluster, found);
  if (setUp === undefined) return undefined;
  const move = logMoveOf(cluster, found);
  if (move !== undefined) {
    const isTaken = found.data?.isLogPlaceTaken === true && move.isBegun !== true;
    if (isTaken) return { name, kind: 'taken', from: move.from, to: wal };
    return movesLogs ? undefined : { name, kind: 'movable', from: move.from, to: wal };
  }
  const from = found.data?.logAt ?? setUp.wal;
  return from === undefined || from === wal ? undefined : { name, kind: 'by-hand', from, to: wal };
}

function refusal(same: readonly Misplaced[]): Refusal {
  const [first] = same;
  if (first === undefined) throw new TypeError('no log');
  const { kind, from, to } = first;
  const about = same.map(({ name }) => name);
  const names = about.join(', ');
  const keeps = about.length === 1 ? 'keeps its' : 'keep their';
  switch (kind) {
    case 'taken':
      return {
        kind: 'log-place-taken',
        about,
        sentence: `${names}: ${keeps} write-ahead log in ${from}; the inventory says ${to} (etcd.paths.wal), and another log is there`,
        next: [
          remedy`find out whose it is, and move it away on ${names}; or name another directory as etcd.paths.wal`,
        ],
      };
    case 'movable':
      return {
        kind: 'log-moved',
        about,
        sentence: `${names}: ${keeps} write-ahead log in ${from}; the inventory says ${to} (etcd.paths.wal)`,
        next: [
          remedy`have it moved first, by an inventory that changes nothing else: ${provision('up', INVENTORY)}; or put etcd.paths.wal back as it was`,
        ],
      };
    case 'by-hand':
      return {
        kind: 'log-moved',
        about,
        sentence: `${names}: ${keeps} write-ahead log in ${from} (ETCD_WAL_DIR); up would start it with ${to}, where its log is not`,
        next: [
          remedy`leave ${names} as it is until its log is moved: stop this member alone, move the files in ${from} to ${to}, where no log may be yet, take ETCD_WAL_DIR away, start it`,
        ],
      };
  }
}
