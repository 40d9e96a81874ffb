import type { DesiredCluster } from '../../desired/cluster.ts';
import { alarmsTold } from '../../etcd/alarms.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { isOlder, minorOf, partsFromNextByAuth } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { joiningMembers } from '../membership/joining.ts';
import type { Refusal } from '../plan.ts';
import { runningVersions, type UpgradePath } from './upgrade-path-of.ts';

const UP = provision('up', INVENTORY);

/** From which version members go on to another, and what that is called. */
export interface Crossing {
  readonly from: string;
  readonly what: 'an upgrade' | 'a downgrade';
}

type SharedRule = (
  desired: DesiredCluster,
  facts: ClusterFacts,
  crossing: Crossing,
) => readonly Refusal[];

type Rule = (desired: DesiredCluster, facts: ClusterFacts, way: UpgradePath) => readonly Refusal[];

/** Why a cluster must not go to the next minor version as it is (etcd-facts §6.1 to §6.3). */
export function upgradeRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  way: UpgradePath,
): readonly Refusal[] {
  // What was begun is finished also where it would not be begun: nothing is gained by standing between two versions.
  const rules = way.isBegun
    ? [leadsThere, hasPrograms, isNoneAhead]
    : [leadsThere, hasPrograms, isNoneAhead, withoutAuth];
  const shared = way.isBegun ? [] : [withoutAlarm, isComplete];
  return [
    ...rules.flatMap((rule) => rule(desired, facts, way)),
    ...shared.flatMap((rule) => rule(desired, facts, { from: way.from, what: 'an upgrade' })),
  ];
}

const leadsThere: Rule = ({ name, version }, _, { from, versions }) =>
  versions.length > 0
    ? []
    : [
        {
          kind: 'no-way-up',
          about: [],
          sentence: `${name}: provision knows no way from etcd ${from} to ${version}`,
          next: [remedy`set etcd.version to ${from} or a later ${minorOf(from)}.x`],
        },
      ];

/** What is installed by others has taken the place of the program that runs, so that nothing would lead back. */
const hasPrograms: Rule = ({ name, version, paths }, { programs }, { from, versions }) => {
  if (paths.current === paths.binaries)
    return [
      {
        kind: 'upgrade-installed',
        about: [],
        sentence: `${name}: runs etcd ${from}, and with etcd.source installed the program of ${from} would be gone when a member does not come up with ${version}`,
        next: [
          remedy`put etcd ${from} back on every host and give etcd.source {release: {}} with etcd.version ${from}, then: ${UP}`,
        ],
      },
    ];
  const missing = versions.slice(0, -1).filter((one) => programs?.has(one) !== true);
  if (missing.length === 0) return [];
  const [first = ''] = missing;
  return [
    {
      kind: 'upgrade-programs',
      about: [],
      sentence: `${name}: the way from etcd ${from} to ${version} leads over ${missing.join(', ')}, and etcd.source has the programs of ${version} only`,
      next: [
        remedy`give etcd.source {release: {}}, which has them all; or go step by step: set etcd.version to ${first} with its programs in etcd.source, then: ${UP}`,
      ],
    },
  ];
};

const isNoneAhead: Rule = ({ name, version }, facts) => {
  const ahead = runningVersions(facts).filter((one) => isOlder(version, one));
  const [first] = ahead;
  if (first === undefined) return [];
  return [
    {
      kind: 'runs-ahead',
      about: [],
      sentence: `${name}: a member runs etcd ${first} already, and the inventory says ${version}`,
      next: [remedy`set etcd.version to ${first}: the others follow it`],
    },
  ];
};

/** Where members judge users in two ways, they must not run beside each other. */
const withoutAuth: Rule = ({ name }, facts, { from, versions }) => {
  const other = versions.find((one) => changesMinor(one, from));
  const isCrossed = partsFromNextByAuth(from) && other !== undefined;
  const asking = foundMembers(facts).find(([, { etcd }]) => etcd.asksForUser === true);
  if (!isCrossed || asking === undefined) return [];
  return [
    {
      kind: 'upgrade-with-auth',
      about: [],
      sentence: `${name}: authentication is on, and members of ${minorOf(from)} and ${minorOf(other)} do not work beside each other with it`,
      next: [
        remedy`switch it off while nobody depends on it: ${provision('etcdctl', INVENTORY, '--', '--user', 'root', 'auth', 'disable')}; upgrade; then: ${provision('etcdctl', INVENTORY, '--', 'auth', 'enable')}`,
      ],
    },
  ];
};

/** Nobody goes to another version beside an alarm. */
export const withoutAlarm: SharedRule = ({ name }, facts, { what }) => {
  // A status names other troubles beside alarms: no leader, for one.
  const told = new Set(
    foundMembers(facts).flatMap(([, { etcd }]) =>
      alarmsTold(etcd).filter((error) => error.includes('alarm:')),
    ),
  );
  if (told.size === 0) return [];
  return [
    {
      kind: 'upgrade-beside-alarm',
      about: [],
      sentence: `${name}: etcd reports an alarm (${[...told].join(', ')}), and ${what} begins without any`,
      next: [remedy`see what it is about: ${provision('doctor', INVENTORY)}`],
    },
  ];
};

/** Who joins or waits for a vote is told by the old members what the new ones would tell otherwise. */
export const isComplete: SharedRule = (desired, facts, { from, what }) => {
  const joining = joiningMembers(desired, facts).map(({ name }) => name);
  const { strangers } = observed(desired, facts);
  const others = strangers.map(({ name, id }) => name || id);
  const left = [...joining, ...others];
  if (left.length === 0) return [];
  return [
    {
      kind: 'upgrade-beside-joining',
      about: joining,
      sentence: `${desired.name}: its list of members is not what the inventory says (${left.join(', ')}), and ${what} begins when it is`,
      next: [
        remedy`first the members, then the version: set etcd.version to ${from}, ${UP}; then set it to ${desired.version} again`,
      ],
    },
  ];
};
