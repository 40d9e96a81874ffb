import test from 'ava';
import type { GateFact } from '../../../src/apply/gates/ask-members.ts';
import { whyNotOpen } from '../../../src/apply/gates/doubts.ts';
import type { EtcdFact } from '../../../src/facts/etcd/etcd.ts';
import { allWell, type Gate } from '../../../src/plan/gate.ts';
import { notAnswering } from '../../plan/facts.ts';
import { etcdFacts } from '../etcd-facts.ts';

function status(change: Partial<NonNullable<EtcdFact['status']>>) {
  return etcdFacts((name, etcd) =>
    name === 'etcd02' && etcd.status ? { ...etcd, status: { ...etcd.status, ...change } } : etcd,
  );
}

const says = test.macro((t, facts: ReadonlyMap<string, GateFact>, ...doubts: readonly string[]) => {
  t.deepEqual(whyNotOpen(allWell([...facts.keys()]), facts), doubts);
});

test('whyNotOpen() lets healthy members pass', says, etcdFacts());

// What late patches of etcd tell a stranger where authentication is on.
const withheld: EtcdFact = {
  ...{ healthy: true, complaint: undefined, members: undefined, status: undefined },
  asksForUser: true,
};

test(
  'whyNotOpen() takes a linearizable read for proof where etcd tells its status to users only',
  says,
  etcdFacts(() => withheld),
);

test(
  'whyNotOpen() hears of corruption by /health where the status is withheld',
  says,
  etcdFacts((name) => ({
    ...withheld,
    alarmKinds: name === 'etcd02' ? ['NOSPACE', 'CORRUPT'] : [],
  })),
  'etcd02 reports alarm:CORRUPT (of which member, users only are told)',
);

test(
  'whyNotOpen() compares what those tell that do',
  says,
  etcdFacts((name, etcd) => (name === 'etcd02' ? etcd : withheld)),
);

test(
  'whyNotOpen() wants each to reach all others, nameless as they are',
  says,
  new Map(
    [...etcdFacts(() => withheld)].map(([name, etcd]) => [
      name,
      { ...etcd, links: new Set(name === 'etcd02' ? ['aa'] : ['aa', 'bb']) },
    ]),
  ),
  'etcd02 does not reach all others at their peer ports',
);

test(
  'whyNotOpen() counts a peer once that is told by its id and by its name',
  says,
  new Map(
    [...etcdFacts(() => withheld)].map(([name, etcd]) => [
      name,
      { ...etcd, links: new Set(name === 'etcd02' ? ['aa', 'etcd01'] : ['aa', 'bb']) },
    ]),
  ),
  'etcd02 does not reach all others at their peer ports',
);

test(
  'whyNotOpen() names who does not answer',
  says,
  etcdFacts((name, etcd) => (name === 'etcd02' ? notAnswering('timeout') : etcd)),
  'etcd02 does not answer a linearizable read (timeout)',
);

test(
  'whyNotOpen() wants one membership',
  says,
  etcdFacts((name, etcd) =>
    name === 'etcd02' && etcd.members
      ? { ...etcd, members: { ...etcd.members, members: [] } }
      : etcd,
  ),
  'the members do not list the same members',
);

test(
  'whyNotOpen() wants one leader',
  says,
  status({ leader: '00000000000000ff' }),
  'the members do not agree on a leader',
);

test(
  'whyNotOpen() wants applied entries to be close',
  says,
  status({ raftAppliedIndex: 5_000 }),
  'a member lags behind',
);

test(
  'whyNotOpen() takes members that do not tell what they applied, as 3.3 does not',
  says,
  status({ raftAppliedIndex: undefined }),
);

test(
  'whyNotOpen() stops at corruption',
  says,
  status({ errors: ['memberID:2 alarm:CORRUPT '] }),
  'etcd02 reports memberID:2 alarm:CORRUPT ',
);

test(
  'whyNotOpen() lets a full database pass: a larger quota is what cures it',
  says,
  status({ errors: ['memberID:2 alarm:NOSPACE '] }),
);

function linked(one: string, ...reached: readonly string[]) {
  const facts = etcdFacts();
  const id = (name: string) => facts.get(name)?.status?.memberId ?? '';
  return new Map(
    [...facts].map(([name, etcd]) => {
      const links = name === one ? reached.map(id) : [...facts.keys()].map(id);
      return [name, { ...etcd, links: new Set(links) }];
    }),
  );
}

test(
  'whyNotOpen() lets members pass that reach each other',
  says,
  linked('etcd02', 'etcd01', 'etcd03'),
);

test(
  'whyNotOpen() names who does not reach whom, although both answer through a third',
  says,
  linked('etcd02', 'etcd01'),
  'etcd02 does not reach etcd03 at its peer port',
);

test('whyNotOpen() takes peers by name too, where only their streams are seen', (t) => {
  const facts = [...etcdFacts()].map(
    ([name, etcd]) => [name, { ...etcd, links: new Set(['etcd01', 'etcd02', 'etcd03']) }] as const,
  );
  t.deepEqual(whyNotOpen(allWell(['etcd01', 'etcd02', 'etcd03']), new Map(facts)), []);
});

test('whyNotOpen() passes over the alarm of a member that is about to leave, and over no other', (t) => {
  const alarm = (id: string) =>
    status({ errors: [`memberID:${BigInt(`0x${id}`)} alarm:CORRUPT `] });
  const names = ['etcd01', 'etcd02', 'etcd03'];
  t.deepEqual(whyNotOpen(allWell(names, ['00000000000000aa']), alarm('aa')), []);
  t.deepEqual(whyNotOpen(allWell(names, ['00000000000000aa']), alarm('ab')), [
    'etcd02 reports memberID:171 alarm:CORRUPT ',
  ]);
  t.deepEqual(whyNotOpen(allWell(names), alarm('aa')), [
    'etcd02 reports memberID:170 alarm:CORRUPT ',
  ]);
});

const LISTED: Gate = {
  kind: 'listed-as',
  members: ['etcd01', 'etcd02'],
  member: 'etcd02',
  peerUrls: ['https://198.18.0.12:2380'],
};

type Listed = NonNullable<EtcdFact['members']>['members'][number];

/** What etcd01 and etcd02 say where etcd01 lists etcd02 as told. */
function listing(change: (entry: Listed) => readonly Listed[]): ReadonlyMap<string, GateFact> {
  return etcdFacts((name, etcd) => {
    const { members: list } = etcd;
    if (name !== 'etcd01' || list === undefined) return etcd;
    const members = list.members.flatMap((one) => (one.name === 'etcd02' ? change(one) : [one]));
    return { ...etcd, members: { ...list, members } };
  });
}

test('whyNotOpen() wants a member listed with a vote at its peer URLs by each that is asked', (t) => {
  const doubts = ['etcd01 does not list etcd02 with a vote at https://198.18.0.12:2380'];
  const cases: readonly (readonly [ReadonlyMap<string, GateFact>, readonly string[]])[] = [
    [etcdFacts(), []],
    [etcdFacts(() => withheld), []],
    [listing((one) => [{ ...one, isLearner: true }]), doubts],
    [listing((one) => [{ ...one, peerUrls: ['http://198.18.0.12:2380'] }]), doubts],
    [listing(() => []), doubts],
    [
      etcdFacts((name, etcd) => (name === 'etcd01' ? { ...etcd, members: undefined } : etcd)),
      doubts,
    ],
  ];
  for (const [facts, expected] of cases) t.deepEqual(whyNotOpen([LISTED], facts), expected);
});

test('whyNotOpen() waits until a member has heard of its own vote', (t) => {
  t.deepEqual(whyNotOpen([LISTED], status({ isLearner: true })), [
    'etcd02 does not list etcd02 with a vote at https://198.18.0.12:2380',
  ]);
});

test('whyNotOpen() wants a member that has left listed by nobody', (t) => {
  const id = etcdFacts().get('etcd02')?.status?.memberId ?? '';
  const gate = { kind: 'not-listed', members: ['etcd01'], member: 'etcd02', id } as const;
  t.deepEqual(whyNotOpen([gate], etcdFacts()), [`etcd01 still lists etcd02 (${id})`]);
  t.deepEqual(
    whyNotOpen(
      [gate],
      listing(() => []),
    ),
    [],
  );
});
