import test from 'ava';
import { problemData } from '../../src/problem/render.ts';
import { failedChecks, fullDisk } from '../../src/verify/checks.ts';
import { but, type SeenFacts, settled, stopped, wanted } from '../plan/facts.ts';

const desired = wanted();
const facts = settled(desired);
const listed = desired.members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(', ');

const fails = test.macro((t, seen: SeenFacts, expected: readonly string[]) => {
  t.deepEqual(
    failedChecks(desired, seen).map(({ sentence }) => sentence),
    expected,
  );
});

test('failedChecks() finds nothing wrong with a cluster that is as it should be', fails, facts, []);

test(
  'failedChecks() takes no offence at what is told to users only',
  fails,
  {
    ...facts,
    members: new Map(
      [...facts.members].map(([name, found]) => {
        const etcd = { ...found.etcd, members: undefined, status: undefined, asksForUser: true };
        return [name, { ...found, etcd }] as const;
      }),
    ),
  },
  [],
);

test(
  'failedChecks() tells everything that a stopped member makes untrue',
  fails,
  but(facts, 'etcd02', stopped),
  [
    'not true: every member answers a linearizable read through its own endpoint (etcd02: no etcd process)',
    'not true: the member list equals the inventory, seen from every endpoint (etcd02 lists nothing)',
    `not true: all members are in one cluster and follow one leader (${[
      'cluster CLUSTER leader LEADER',
      'cluster unknown leader unknown',
      'cluster CLUSTER leader LEADER',
    ]
      .join('; ')
      .replaceAll('CLUSTER', facts.members.get('etcd01')?.etcd.status?.clusterId ?? '')
      .replaceAll('LEADER', facts.members.get('etcd01')?.etcd.status?.leader ?? '')})`,
    'not true: every unit is active and comes back after a reboot (etcd02: etcd.service is inactive)',
  ],
);

test(
  'failedChecks() tells what one endpoint lists that the inventory does not',
  fails,
  but(facts, 'etcd03', ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: etcd.members.members.slice(1) },
    },
  })),
  [
    `not true: the member list equals the inventory, seen from every endpoint (etcd03 lists ${listed.split(', ').slice(1).join(', ')})`,
  ],
);

test(
  'failedChecks() tells an alarm, a unit that would not come back, and a full disk',
  fails,
  but(facts, 'etcd01', ({ etcd, unit }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, errors: ['alarm:NOSPACE'] } },
    unit: { ...unit, enabled: false },
    freeSpace: 4096,
  })),
  [
    'not true: no member raises an alarm (etcd01: alarm:NOSPACE)',
    'not true: every member has space to write (etcd01: the disk of the data directory is full: 0 MiB are free)',
    'not true: every unit is active and comes back after a reboot (etcd01: etcd.service is active and not enabled)',
  ],
);

test(
  'failedChecks() tells a member without a reason as one that was not asked',
  fails,
  but(facts, 'etcd01', ({ etcd }) => ({ etcd: { ...etcd, healthy: false, complaint: undefined } })),
  [
    'not true: every member answers a linearizable read through its own endpoint (etcd01: was not asked)',
  ],
);

test('failedChecks() says about whom each is, and what to do', (t) => {
  const off = but(facts, 'etcd02', ({ unit }) => ({ unit: { ...unit, enabled: false } }));
  t.deepEqual(
    failedChecks(desired, off).map((one) => problemData(one, 'a.yaml')),
    [
      {
        kind: 'check-failed',
        about: ['etcd02'],
        sentence:
          'not true: every unit is active and comes back after a reboot (etcd02: etcd.service is active and not enabled)',
        evidence: [],
        next: [
          {
            do: 'provision doctor a.yaml',
            commands: [['provision', 'doctor', 'a.yaml']],
          },
        ],
      },
    ],
  );
});

test('fullDisk() knows no full disk where nothing is known of it', (t) => {
  t.is(fullDisk(undefined), undefined);
  t.is(fullDisk(9 * 1_048_576), undefined);
  t.is(fullDisk(5_000_000), 'the disk of the data directory is full: 4 MiB are free');
});
