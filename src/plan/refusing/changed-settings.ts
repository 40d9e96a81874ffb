import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { MemberList } from '../../etcd/answers.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { observed, type SeenMember, seenMembers } from '../../observed/observed.ts';
import { groupedBy } from '../../problem/grouped.ts';
import type { Proposal } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import { handoverOf } from '../handover.ts';
import { placeOf } from '../membership/membership.ts';
import { type SetUp, setUpOf } from '../ownership/set-up.ts';
import type { Refusal } from '../plan.ts';
import { movedNetwork } from '../readdressing/moved-network.ts';
import { readdressedMembers } from '../readdressing/readdressed.ts';
import type { Change } from './change.ts';
import { changedPlaces } from './changed-places.ts';
import { movedPlaces } from './moved-places.ts';
import { remedies } from './remedies.ts';
import { safely } from './situation.ts';

/**
 * Why up does not touch members whose inventory says something else than what they run with, where a restart alone would
 * not make it so: the data would seem gone, the member a stranger. What runs is told by the process, the unit and the
 * membership, not by the paths that the inventory names now.
 */
export function changedSettings(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  { places = changedPlaces(cluster, facts), readdressed = [], movesPlaces = false }: Told = {},
): readonly Refusal[] {
  const exchanged = exchangedHosts(cluster, facts);
  if (exchanged.length > 0) return exchanged;
  const network = places.length === 0 ? [] : movedNetwork(cluster, facts);
  const changes = [
    ...seenMembers(cluster, facts).flatMap(({ desired, found }) => {
      const setUp = setUpOf(cluster, found);
      return setUp === undefined ? [] : ofMember(cluster, desired, found, setUp);
    }),
    ...dataOfOutgoing(cluster, facts),
    ...places.filter(
      ({ member }) => network.length === 0 && readdressed.every(({ name }) => name !== member),
    ),
  ];
  const movable = new Set(readdressedMembers(cluster, facts).map(({ name }) => name));
  // The same change of several members is told once.
  const alike = groupedBy(changes, ({ setting, was, is }) => JSON.stringify([setting, was, is]));
  return [
    ...safely(cluster, facts, [
      ...network,
      ...[...alike.values()].map((same) => refusal(cluster, same, movable)),
    ]),
    ...movedPlaces(cluster, facts, movesPlaces),
  ];
}

/** What is known of changed addresses and ports. */
interface Told {
  readonly places?: readonly Change[];
  /** Members that are moved by what asks. */
  readonly readdressed?: readonly { readonly name: string }[];
  /** Data and logs that provision has put elsewhere are moved by what asks. */
  readonly movesPlaces?: boolean | undefined;
}

/** Hosts that have another member than the inventory says: names or addresses were exchanged or changed. */
export function exchangedHosts(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const { list, seen } = observed(cluster, facts);
  return seen
    .filter((member) => !isLeftOver(cluster, member, list))
    .flatMap((member) => anotherMember(cluster, member));
}

/** Whether only the files of a member are left that the cluster has removed: its data has been moved aside. */
function isLeftOver(
  cluster: DesiredCluster,
  { found }: SeenMember,
  list: MemberList | undefined,
): boolean {
  const setUp = setUpOf(cluster, found);
  if (list === undefined || setUp === undefined || setUp.runs || found.data?.used === true)
    return false;
  return !list.members.some(({ name, peerUrls }) =>
    setUp.peerUrl === undefined
      ? name === setUp.member
      : name === setUp.member || peerUrls.includes(setUp.peerUrl),
  );
}

function anotherMember(
  cluster: DesiredCluster,
  { name, desired: { peerUrl }, found }: SeenMember,
): readonly Refusal[] {
  const setUp = setUpOf(cluster, found);
  if (setUp === undefined || setUp.member === name) return [];
  const { member, runs } = setUp;
  const address = placeOf(peerUrl).host;
  const elsewhere = cluster.members.some((one) => one.name === member)
    ? `, and ${name} beside its own address`
    : '';
  return [
    {
      kind: 'member-exchanged',
      about: [name, member],
      sentence: `${name}: ${address} ${runs ? 'runs' : 'has'} member ${member} of ${cluster.name}; the inventory calls it ${name}`,
      next: [
        remedy`put the name ${member} back beside the address ${address} in the inventory${elsewhere}`,
      ],
    },
  ];
}

function ofMember(
  cluster: DesiredCluster,
  { name }: DesiredMember,
  found: MemberFacts,
  { runs, formed, data, confFile, account }: SetUp,
): readonly Change[] {
  const { paths } = cluster;
  const change = (setting: string, was: string, is: string): Change => ({
    ...{ member: name, setting, was, is, runs },
  });
  // Where a hand has changed the unit, the file that it should name is there still.
  const isConfThere = found.conf !== undefined;
  return [
    // What is found there is said by where it is.
    ...(data !== undefined && data !== paths.data && formed && found.data?.elsewhere === undefined
      ? [change('etcd.paths.data', data, paths.data)]
      : []),
    ...(confFile !== undefined && confFile !== paths.confFile && formed && !isConfThere
      ? [change('etcd.paths.conf', confFile.replace(/\/[^/]*$/, ''), paths.conf)]
      : []),
    ...(account !== undefined &&
    account !== cluster.account &&
    runs &&
    handoverOf(cluster, found) === undefined
      ? [change('etcd.user', account, cluster.account)]
      : []),
  ];
}

/** Members that leave have their data moved aside: what is at another path on their machines is somebody else's. */
function dataOfOutgoing(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Change[] {
  return observed(cluster, facts).outgoing.flatMap(({ desired, found }) => {
    const setUp = found && setUpOf(cluster, found);
    if (found === undefined || setUp === undefined) return [];
    const changes = ofMember(cluster, desired, found, setUp);
    return changes.filter(({ setting }) => setting === 'etcd.paths.data');
  });
}

/** Why a setting that `up` changes elsewhere is not. */
const WHY_NOT: ReadonlyMap<string, string> = new Map([
  ['etcd.paths.data', 'up moves data that it finds where the unit says: is a disk not mounted?'],
]);

/** Settings that `up` changes where members answer and the data was found. */
const PLACES: ReadonlySet<string> = new Set(['address', 'etcd.ports.peer']);

function refusal(
  { members, unit }: Pick<DesiredCluster, 'members' | 'unit'>,
  changes: readonly Change[],
  movable: ReadonlySet<string>,
): Proposal {
  const [first] = changes;
  if (first === undefined) throw new TypeError('no change');
  const { setting, was, is, isBare = false } = first;
  const about = changes.map(({ member }) => member);
  const runs = changes.some((one) => one.runs);
  const one = changes.length === 1;
  const how = runs ? (one ? 'runs with' : 'run with') : one ? 'was made with' : 'were made with';
  const isMovable = PLACES.has(setting) && about.every((name) => movable.has(name));
  return {
    kind: 'setting-changed',
    about,
    sentence: `${about.join(', ')}: ${how} ${setting} ${was}; the inventory says ${is}${isBare ? `, where nothing of ${first.member} is` : ''}`,
    next: isMovable
      ? [remedies.moveByUp(about)]
      : [
          PLACES.has(setting)
            ? remedy`put ${setting}: ${was} back into the inventory; up moves a member with its data alone, and while others answer`
            : remedy`put ${setting}: ${was} back into the inventory; ${WHY_NOT.get(setting) ?? 'up does not change it for a member that exists'}`,
          ...(setting === 'address' && one && !runs && !isBare
            ? [
                remedies.startOthers(
                  first.member,
                  unit,
                  members.map(({ name }) => name).filter((name) => name !== first.member),
                ),
              ]
            : []),
          ...(setting === 'address' && one
            ? [
                remedies.replaceMember(
                  first.member,
                  `if ${first.member} is to run on another machine`,
                ),
              ]
            : []),
        ],
  };
}
