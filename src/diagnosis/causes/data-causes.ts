import { cutOffMove, namedPlaces } from '../../plan/place-move.ts';
import { canServeWithout, votersOf } from '../../plan/restoring/restore-quorum.ts';
import type { Remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { cures, replacing } from '../cures.ts';
import { type ExaminedCluster, type ExaminedMember, examinedMembers } from '../looks/examined.ts';
import type { Cause } from './cause.ts';

/** What is wrong with the data directory itself, before etcd opens it. */
export function dataCause(
  { member: { name }, facts, start, isReadOnly, isLogReadOnly = false }: ExaminedMember,
  { desired }: ExaminedCluster,
): Cause | undefined {
  const { account } = desired;
  const { data } = facts;
  const paths = { ...desired.paths, data: data?.elsewhere?.at ?? desired.paths.data };
  const cause = (kind: string, why: string, ...next: readonly Remedy[]): Cause => ({
    ...{ kind, sentence: why, next },
    evidence: start.lines
      .filter(({ text }) => /denied|read-only|NAMESPACE|Assert|list data dir/i.test(text))
      .slice(-3)
      .map(({ text }) => text.slice(0, 280)),
  });
  if (data === undefined)
    return cause(
      'data-gone',
      `its data directory ${paths.data} does not exist; is a disk not mounted?`,
      cures.thenUp('mount the disk on that host'),
      cures.replaceLost(name),
    );
  if (data.lacksStore === true)
    return cause(
      'data-gone',
      `its write-ahead log is in ${data.logAt ?? paths.wal}, and its data directory ${paths.data} is missing or empty; is a disk not mounted?`,
      cures.thenUp('mount the disk on that host'),
      cures.replaceLost(name),
    );
  if (isReadOnly || isLogReadOnly)
    return cause(
      'read-only',
      `the file system of ${isReadOnly ? paths.data : paths.wal} is read-only`,
      cures.byHand(
        'look at dmesg on that host: the kernel remounts a failing disk read-only; mount it read-write, then restart the unit',
      ),
    );
  if (!data.used)
    return cause(
      'data-gone',
      `its data directory ${paths.data} is empty; is a disk not mounted?`,
      cures.thenUp('mount the disk on that host'),
      cures.replaceLost(name),
    );
  const [owner = ''] = data.owner.split(':');
  if (owner !== account || data.stranger !== undefined)
    return cause(
      'data-rights',
      owner === account
        ? `${data.stranger} does not belong to the account ${account}`
        : `${paths.data} belongs to ${owner}, not to the account ${account}`,
      cures.up(name, `gives the data to ${account}`),
    );
  if ((data.mode & 0o700) !== 0o700)
    return cause(
      'data-rights',
      `${paths.data} has mode ${data.mode.toString(8).padStart(4, '0')}, so etcd may not use it`,
      cures.thenUp(`on that host: chmod 700 ${quote(paths.data)}`),
    );
  if (!data.hasLog)
    return cause(
      'data-gone',
      `its write-ahead log is gone (${paths.wal} has none), while the cluster still counts on it`,
      cures.thenUp('if a disk is not mounted, mount it'),
      ...replacing(name),
    );
  return undefined;
}

/** A run that moved data or log was cut off: the unit looks for it where it is not. */
export function moveCause(
  { member: { name }, facts }: ExaminedMember,
  { desired }: ExaminedCluster,
): Cause | undefined {
  const move = facts.unit.pid > 0 ? undefined : cutOffMove(desired, facts);
  if (move === undefined) return undefined;
  const { of, from, to } = namedPlaces(move);
  return {
    kind: 'move-cut-off',
    sentence: `a run that was to move its ${of} from ${from} to ${to} was cut off; its ${of} is in ${from}`,
    evidence: [],
    next: [cures.up(name, 'goes on from there')],
  };
}

/** Kinds of causes by which a member's own data is of no use. */
export const DAMAGED: ReadonlySet<string> = new Set([
  ...['data-damaged', 'database-damaged', 'database-older', 'log-lost', 'data-gone'],
]);

/**
 * Whether the members whose data is of no use leave too few for a quorum, by the list that etcd holds; where nobody tells
 * one and no data has it, by the inventory.
 */
export function isQuorumDamaged(cluster: ExaminedCluster, damaged: ReadonlySet<string>): boolean {
  const { desired } = cluster;
  const names = desired.members.map(({ name }) => name);
  const seen = examinedMembers(cluster).map(({ member, facts }) => [member.name, facts] as const);
  const held = votersOf(desired, { members: new Map(seen) });
  return !canServeWithout(held ?? { voters: names.length, named: names, absent: 0 }, [...damaged]);
}

/** Of the members whose data is not damaged the one that was written last; nothing where there is none. */
export function bestMember(
  cluster: ExaminedCluster,
  damaged: ReadonlySet<string>,
): string | undefined {
  const intact = examinedMembers(cluster).filter(({ member }) => !damaged.has(member.name));
  const [best] = intact.toSorted(
    (one, other) => (other.facts.data?.modifiedAt ?? 0) - (one.facts.data?.modifiedAt ?? 0),
  );
  return best?.facts.data?.used === true ? best.member.name : undefined;
}
