import { isTrue } from '../../etcd/given-settings.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import type { AdoptedCluster, AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { note } from './note.ts';
import { partedUrl } from './urls.ts';

/** What is to be known of the cluster as a whole: who is missing, who is no voter, what is wrong in it. */
export function clusterNotes(
  { clusterId, members, strangers }: AdoptedCluster,
  unreachable: ReadonlyMap<string, Failure>,
): readonly Problem[] {
  const told = members.flatMap(({ found }) => (found === undefined ? [] : [found.etcd.told]));
  const alarms = [...new Set(told.flatMap((one) => one.alarms))];
  const withV2 = members.filter(({ found }) =>
    isTrue(found?.etcd.running?.settings.get('enable-v2')?.value),
  );
  return [
    ...members.flatMap((one) => notSeen(one, unreachable)),
    ...members.flatMap(({ listed, found }) => {
      const name = nameOf({ listed });
      const own = found?.etcd.running?.settings.get('name')?.value;
      return [
        ...(listed.isLearner
          ? [
              note(
                'learner',
                [name],
                `${name} is a learner: it has no vote, and takes no part in an upgrade until it is promoted`,
                {
                  severity: 'warn',
                  next: [remedy`promote it: etcdctl member promote ${listed.id}`],
                },
              ),
            ]
          : []),
        ...(listed.name === ''
          ? [
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
            ]
          : []),
        ...(own !== undefined && listed.name !== '' && own !== listed.name
          ? [
              note(
                'name',
                [name],
                `${name}: its process is told the name ${own}; the member list counts, and the inventory has ${listed.name}`,
              ),
            ]
          : []),
        ...(found?.etcd.told.healthy === false
          ? [
              note('not healthy', [name], `${name}: a read through it does not succeed`, {
                severity: 'fail',
              }),
            ]
          : []),
      ];
    }),
    ...strangers.map(({ host, etcd }) =>
      note(
        'stranger',
        [host],
        `${host}: ${etcd.unit?.name ?? 'an etcd'} has a log of cluster ${clusterId} and is none of its members (member ${etcd.told.status?.memberId ?? etcd.look.log?.memberId ?? 'unknown'}): it was removed, or its disk is a copy`,
        { severity: 'fail', next: [remedy`leave it stopped; after up it can be joined anew`] },
      ),
    ),
    ...(alarms.length === 0
      ? []
      : [
          note('alarm', [], `the cluster has alarms: ${alarms.join('; ')}`, {
            severity: 'fail',
            next: [
              remedy`end them after up by provision maintain, before anything else is changed`,
            ],
          }),
        ]),
    ...(told.some(({ auth }) => auth === 'on')
      ? [
          note(
            'authentication',
            [],
            "etcd's own users are on: certificates that provision makes for itself name the user root, and it needs the role root",
            {
              severity: 'warn',
              next: [
                remedy`see that there is a user root with the role root: etcdctl user get root`,
              ],
            },
          ),
        ]
      : []),
    ...(withV2.length === 0
      ? []
      : [
          note(
            'v2',
            withV2.map(nameOf),
            'the v2 API is on: what clients keep there is in no snapshot, and later versions do not serve it',
            {
              severity: 'warn',
              next: [remedy`see what uses it: etcdctl with ETCDCTL_API=2, ls --recursive`],
            },
          ),
        ]),
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
      `${sentence}; its paths, unit and settings are taken to be those of the others`,
      {
        severity: 'fail',
        next: why?.next ?? [],
      },
    ),
  ];
}
