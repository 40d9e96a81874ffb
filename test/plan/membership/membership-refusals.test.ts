import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { membershipProblems } from '../../../src/plan/membership/membership-problems.ts';
import {
  membershipIsKept,
  wholeClusterIsNamed,
} from '../../../src/plan/membership/membership-refusals.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, stopped, wanted } from '../facts.ts';

const three = wanted();
const matching = settled(three);

/** The cluster when its list was changed behind us and etcd03 ended. */
function listed(change: (members: readonly EtcdMember[]) => readonly EtcdMember[]): SeenFacts {
  const facts = butAll(matching, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: change(etcd.members.members) },
    },
  }));
  return but(facts, 'etcd03', stopped);
}
const told = (facts: SeenFacts) =>
  membershipIsKept(three, facts).map(({ sentence, next }) => [sentence, nextText(next)]);

test('membershipIsKept() says how a removed member comes back, without its data', (t) => {
  t.deepEqual(told(listed((members) => members.slice(0, 2))), [
    [
      'etcd03: its data is of member b369b8bf19815147, which the cluster has removed and never takes back',
      'let etcd03 join as a new member: provision member replace INVENTORY etcd03',
    ],
  ]);
});

test('membershipIsKept() does not start a member that was added again on the data of the former one', (t) => {
  const again = (one: EtcdMember) =>
    one.name === 'etcd03' ? { ...one, id: '00000000000000aa', name: '', clientUrls: [] } : one;
  t.deepEqual(told(listed((members) => members.map(again))), [
    [
      'etcd03: its data is of member b369b8bf19815147, which the cluster has removed and never takes back; in its place stands member 00000000000000aa, which starts without data',
      'start it without that data: provision member replace INVENTORY etcd03',
    ],
  ]);
});

test('membershipIsKept() gives up no data of a member that was added again and has run', (t) => {
  const again = (one: EtcdMember) =>
    one.name === 'etcd03' ? { ...one, id: '00000000000000aa' } : one;
  t.deepEqual(told(listed((members) => members.map(again))), [
    [
      'etcd03: its data is of member b369b8bf19815147, which the cluster has removed and never takes back; in its place stands member 00000000000000aa, which has had data of its own: this is an older disk',
      'mount the disk that etcd03 ran with last, then: provision up INVENTORY; or if etcd03 is lost for good: provision member replace INVENTORY etcd03; or while etcd03 is away, keep the others running, and save what they hold: provision snapshot save INVENTORY',
    ],
  ]);
});

test('membershipIsKept() adds nobody beside a member that does not answer', (t) => {
  const four = wanted(4);
  const list = settled(four).members.get('etcd01')?.etcd.members;
  const members = list?.members.filter(({ name }) => name !== 'etcd04') ?? [];
  const removed = butAll(settled(four), ({ etcd }) => ({
    etcd: { ...etcd, members: etcd.members && { ...etcd.members, members } },
  }));
  const id = list?.members.find(({ name }) => name === 'etcd04')?.id;
  t.deepEqual(
    membershipIsKept(four, but(but(removed, 'etcd03', stopped), 'etcd04', stopped)).map(
      ({ sentence, next }) => [sentence, nextText(next)],
    ),
    [
      [
        `etcd04: its data is of member ${id}, which the cluster has removed and never takes back`,
        'take etcd04 out of the inventory',
      ],
    ],
  );
});

/** What is seen with the inventory of two, of which the third's host is gone. */
const beside = (...names: readonly string[]) => ({
  ...matching,
  members: new Map([...matching.members].filter(([name]) => names.includes(name))),
});
const NAMED =
  'the running cluster has a member etcd03 at https://198.18.0.13:2380 that the inventory does not name; it counts: 2 of 3 must answer';
const NAME_IT = 'put etcd03 with its address (https://198.18.0.13:2380) into the inventory';
const TAKE_OUT =
  'if etcd03 is to leave the cluster, or its host is gone for good: provision up INVENTORY --remove etcd03';

for (const [what, refuse] of [
  ['membershipIsKept', membershipIsKept],
  ['wholeClusterIsNamed', wholeClusterIsNamed],
] as const) {
  const both = (facts: SeenFacts) =>
    refuse(wanted(2), facts).map(({ sentence, next }) => [sentence, nextText(next)]);

  test(`${what}() says how a member whose host is gone leaves the list`, (t) => {
    t.deepEqual(both(beside('etcd01', 'etcd02')), [[NAMED, `${NAME_IT}; or ${TAKE_OUT}`]]);
  });

  test(`${what}() takes no member out that answers or is needed`, (t) => {
    t.deepEqual(both(matching), [[NAMED, NAME_IT]]);
    const few = but(beside('etcd01', 'etcd02'), 'etcd02', stopped);
    t.deepEqual(both(few), [[NAMED, NAME_IT]]);
  });
}

test('membershipIsKept() removes as root where authentication is on', (t) => {
  const facts = but(beside('etcd01', 'etcd02'), 'etcd01', ({ etcd }) => ({
    etcd: { ...etcd, asksForUser: true },
  }));
  t.deepEqual(
    membershipIsKept(wanted(2), facts).map(({ next }) => nextText(next)),
    [`${NAME_IT}; or ${TAKE_OUT.replace('-- ', '-- --user root ')}`],
  );
});

test('membershipIsKept() counts no learner that a cut-off join has left', (t) => {
  const learner: EtcdMember = {
    ...{ id: '00000000000000aa', name: '', peerUrls: ['https://198.18.0.14:2380'] },
    ...{ clientUrls: [], isLearner: true },
  };
  const facts = butAll(matching, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: [...etcd.members.members, learner] },
    },
  }));
  t.deepEqual(
    membershipIsKept(three, facts).map(({ sentence }) => sentence),
    [
      'the running cluster has a member 00000000000000aa at https://198.18.0.14:2380 that the inventory does not name; it has never started; it is a learner, which does not count: 2 of the 3 voters must answer',
    ],
  );
  t.deepEqual(
    membershipProblems(three, facts).map(({ sentence }) => sentence),
    [
      "learner 00000000000000aa at https://198.18.0.14:2380 is in etcd's list, never started, and is not in the inventory: 2 of 3 must answer, 3 do, 1 may fail",
    ],
  );
});

test('wholeClusterIsNamed() has nothing against stopping what does not answer', (t) => {
  t.deepEqual(wholeClusterIsNamed(wanted(2), butAll(matching, stopped)), []);
});

test('membershipIsKept() asks nobody to put into the inventory what is in it', (t) => {
  const second: EtcdMember = {
    ...{ id: '00000000000000aa', name: 'etcd03', peerUrls: ['https://198.18.0.13:2380'] },
    ...{ clientUrls: ['https://198.18.0.13:2379'], isLearner: false },
  };
  const odd = but(matching, 'etcd01', ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: [...etcd.members.members, second] },
    },
  }));
  t.deepEqual(told(odd), [
    [
      "the members' lists differ: etcd01 has member 00000000000000aa (etcd03) at https://198.18.0.13:2380, and etcd02, etcd03 do not",
      'keep all members as they are, and save what etcd01 holds: provision snapshot save INVENTORY --member etcd01',
    ],
  ]);
  t.deepEqual(
    told(
      but(
        listed((members) => [...members, second]),
        'etcd03',
        () => ({}),
      ),
    ),
    [
      [
        'the running cluster has a member etcd03 (00000000000000aa) at https://198.18.0.13:2380 beside the one that the inventory names there; it counts: 3 of 4 must answer',
        'see what answers under each of them, and remove none that does: provision etcdctl INVENTORY -- member list',
      ],
    ],
  );
});
