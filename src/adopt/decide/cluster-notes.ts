import { isTrue } from '../../etcd/given-settings.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { ClusterLook } from '../look/cluster-look.ts';
import { type AdoptedCluster, type AdoptedMember, type Found, memberIdOf } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { note } from './note.ts';
import { partedUrl } from './urls.ts';

/** What is to be known of the cluster as a whole: who is missing, who is no voter, what is wrong in it. */
export function clusterNotes(
  { clusterId, members, strangers }: AdoptedCluster,
  unreachable: ReadonlyMap<string, Failure>,
): readonly Problem[] {
  const told = members.flatMap(({ found }) => (found === undefined ? [] : [found.etcd.told]));
  return [
    ...members.flatMap((one) => notSeen(one, unreachable)),
    ...members.flatMap(noVoter),
    ...members.flatMap(otherName),
    ...members.flatMap(notHealthy),
    ...strangers.map((one) => stranger(clusterId, one)),
    ...halfDowngrade(told),
    ...alarmsOf(told),
    ...authentication(told),
    ...v2(members),
  ];
}

function noVoter({ listed }: AdoptedMember): readonly Problem[] {
  const name = nameOf({ listed });
  if (listed.name === '')
    return [
      note(
        'never started',
        [name],
        `${name} (${listed.peerUrls.join(', ')}) was added to the list and never started: it counts for the quorum`,
        {
          severity: 'fail',
          next: [
            remedy`start it as its builder meant to; or adopt the cluster without it, and up says how it goes out of the list`,
          ],
        },
      ),
    ];
  return listed.isLearner
    ? [
        note(
          'learner',
          [name],
          `${name} is a learner: it has no vote, and takes no part in an upgrade until it is promoted`,
          { severity: 'warn', next: [remedy`promote it: etcdctl member promote ${listed.id}`] },
        ),
      ]
    : [];
}

function otherName({ listed, found }: AdoptedMember): readonly Problem[] {
  const own = found?.etcd.running?.settings.get('name')?.value;
  if (own === undefined || listed.name === '' || own === listed.name) return [];
  return [
    note(
      'name',
      [listed.name],
      `${listed.name}: its process is told the name ${own}; the member list counts, and the inventory has ${listed.name}`,
    ),
  ];
}

function notHealthy({ listed, found }: AdoptedMember): readonly Problem[] {
  if (found?.etcd.told.healthy !== false) return [];
  const name = nameOf({ listed });
  return [
    note('not healthy', [name], `${name}: a read through it does not succeed`, {
      severity: 'fail',
      next: [
        remedy`see why before anything is changed: journalctl -u ${found.etcd.unit?.name ?? 'etcd'} -n 50 on ${found.host}`,
      ],
    }),
  ];
}

/** A log of the cluster that is no member's: of one that was removed, or on a copy of a disk. */
function stranger(clusterId: string, found: Found): Problem {
  const { host, etcd } = found;
  const unit = etcd.unit?.name;
  const stop =
    unit === undefined
      ? remedy`stop it on ${host}`
      : remedy`stop it, and keep it from starting again: systemctl disable --now ${unit} on ${host}`;
  return note(
    'stranger',
    [host],
    `${host}: ${unit ?? 'an etcd'} ${etcd.process === undefined ? 'has' : 'runs on'} a log of cluster ${clusterId} and is none of its members (member ${memberIdOf(found) ?? 'unknown'}): it was removed, or its disk is a copy`,
    {
      severity: 'fail',
      next: [
        etcd.process === undefined
          ? remedy`leave it stopped; after up it can be joined anew`
          : stop,
      ],
    },
  );
}

/** etcd was told to go back, and its members run on. */
function halfDowngrade(told: readonly ClusterLook[]): readonly Problem[] {
  const to = told.flatMap(({ status }) => status?.downgradeTo ?? [])[0];
  if (to === undefined) return [];
  return [
    note('downgrade', [], `a downgrade to ${to} was enabled and is not finished: up ends it`, {
      severity: 'warn',
      next: [remedy`where it is meant, finish it first, by the means it was begun with`],
    }),
  ];
}

function alarmsOf(told: readonly ClusterLook[]): readonly Problem[] {
  const alarms = [...new Set(told.flatMap((one) => one.alarms))];
  if (alarms.length === 0) return [];
  const isSpace = alarms.every((alarm) => alarm.includes('NOSPACE'));
  return [
    note('alarm', [], `the cluster has alarms: ${alarms.join('; ')}`, {
      severity: 'fail',
      next: [
        isSpace
          ? remedy`free space before anything else is changed, with the inventory that is written: ${provision('maintain', 'space', INVENTORY)}`
          : remedy`see who is concerned, with the inventory that is written: ${provision('doctor', INVENTORY)}`,
      ],
    }),
  ];
}

function authentication(told: readonly ClusterLook[]): readonly Problem[] {
  if (told.every(({ auth }) => auth !== 'on')) return [];
  return [
    note(
      'authentication',
      [],
      "etcd's own users are on: certificates that provision makes for itself name the user root, and it needs the role root",
      {
        severity: 'warn',
        next: [remedy`see that there is a user root with the role root: etcdctl user get root`],
      },
    ),
  ];
}

function v2(members: readonly AdoptedMember[]): readonly Problem[] {
  const all = members.filter(({ found }) =>
    isTrue(found?.etcd.running?.settings.get('enable-v2')?.value),
  );
  if (all.length === 0) return [];
  return [
    note(
      'v2',
      all.map(nameOf),
      'the v2 API is on: what clients keep there is in no snapshot, and later versions do not serve it',
      {
        severity: 'warn',
        next: [remedy`see what uses it: etcdctl with ETCDCTL_API=2, ls --recursive`],
      },
    ),
  ];
}

function notSeen(
  { listed, found }: AdoptedMember,
  unreachable: ReadonlyMap<string, Failure>,
): readonly Problem[] {
  if (found !== undefined) return [];
  const name = nameOf({ listed });
  const address = partedUrl(listed.peerUrls[0] ?? '')?.host ?? '';
  const why = unreachable.get(address);
  const sentence =
    why === undefined
      ? `${name}: the host at ${address} was seen and has no etcd of this id`
      : `${name}: its host could not be asked: ${why.message}`;
  return [
    note(
      'not seen',
      [name],
      `${sentence}; its paths and unit are taken to be those of the others, and settings of its own are not known`,
      {
        severity: 'fail',
        next: why?.next ?? [],
      },
    ),
  ];
}
