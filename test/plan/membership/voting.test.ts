import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { bootstrapMemberId } from '../../../src/etcd/identity.ts';
import { votingOf } from '../../../src/plan/membership/voting.ts';
import { situationOf } from '../../../src/plan/refusing/situation.ts';
import { startWithout } from '../../../src/plan/start-without.ts';
import {
  bare,
  but,
  butAll,
  emptyData,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  TOKEN,
  wanted,
} from '../facts.ts';

const three = wanted();
const alive = settled(three);
const listed = [...alive.members.values()][0]?.etcd.members?.members ?? [];
const four = wanted(4);
// Of the first start: a database of this version alone proves nobody else.
const STRANGER: EtcdMember = {
  id: bootstrapMemberId(['https://198.18.0.19:2380'], TOKEN),
  ...{ name: 'etcd09', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.19:2380'], clientUrls: ['https://198.18.0.19:2379'] },
};
const NEVER_STARTED: EtcdMember = {
  ...{ id: '00000000000000cc', name: '', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.20:2380'], clientUrls: [] },
};
const learning = listed.map((one) => (one.name === 'etcd03' ? { ...one, isLearner: true } : one));

/** The members answer, and etcd's list is this one. */
const told = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(alive, ({ etcd }) => ({
    etcd: { ...etcd, members: etcd.members && { ...etcd.members, members } },
  }));

/** Nobody runs, and the hosts have stored this list. */
const stored = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(alive, (found) => ({
    ...stopped(found),
    database: {
      ...{ size: 20_480, meta: { pageSize: 4096, root: 5, pages: 5 }, index: 12 },
      ...{ snapshot: undefined, members, removed: [] },
    },
  }));

/** Nobody has quorum, and a member that runs tells this list at its peer port. */
const reported = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(alive, ({ etcd }) => ({
    etcd: notAnswering('context deadline exceeded'),
    ...(etcd.members && { reportedList: { ...etcd.members, members } }),
  }));

const counted = (facts: SeenFacts) => {
  const { votes, ...voting } = votingOf(three, facts);
  return { ...voting, votes: ['etcd01', 'etcd02', 'etcd03'].filter(votes) };
};
const ALL = ['etcd01', 'etcd02', 'etcd03'];

for (const [where, seen] of [
  ['is told', told],
  ['is stored', stored],
  ['is told at a peer port', reported],
] as const) {
  test(`votingOf: a list that ${where} and is the inventory's`, (t) =>
    t.deepEqual(counted(seen(listed)), { voters: 3, needed: 2, unnamed: 0, votes: ALL }));
  test(`votingOf: a stranger counts in a list that ${where}`, (t) =>
    t.deepEqual(counted(seen([...listed, STRANGER])), {
      ...{ voters: 4, needed: 3, unnamed: 1, votes: ALL },
    }));
  test(`votingOf: a learner does not count in a list that ${where}`, (t) =>
    t.deepEqual(counted(seen(learning)), {
      ...{ voters: 2, needed: 2, unnamed: 0, votes: ['etcd01', 'etcd02'] },
    }));
}

for (const [where, seen] of [
  ['is told', told],
  ['is told at a peer port', reported],
] as const)
  test(`votingOf: a member that never started counts in a list that ${where}`, (t) =>
    t.deepEqual(counted(seen([...listed, NEVER_STARTED])), {
      ...{ voters: 4, needed: 3, unnamed: 1, votes: ALL },
    }));

test('votingOf: before the first start the inventory is the list that is coming', (t) => {
  const { votes, ...voting } = votingOf(four, bare(four));
  t.deepEqual(voting, { voters: 4, needed: 3, unnamed: 0 });
  t.deepEqual(['etcd04', 'etcd09'].filter(votes), ['etcd04']);
});

const lost = (facts: SeenFacts, ...names: readonly string[]) =>
  names.reduce((left, name) => but(left, name, () => ({ data: emptyData })), facts);
const answers = (facts: SeenFacts) => {
  const situation = situationOf(three, facts);
  return [
    situation({ kind: 'quorumIsLost' }),
    situation({ kind: 'othersCanStart', member: 'etcd03' }),
  ];
};

for (const [what, facts, expected] of [
  ['all have their data', stored(listed), ['no', 'yes']],
  ['one has lost it', lost(stored(listed), 'etcd03'), ['no', 'yes']],
  ['two have lost it', lost(stored(listed), 'etcd02', 'etcd03'), ['yes', 'no']],
  // With the stranger 3 of 4 are needed: whether the quorum is lost depends on what it has.
  [
    'one has lost it and a stranger votes',
    lost(reported([...listed, STRANGER]), 'etcd03'),
    ['unknown', 'unknown'],
  ],
  [
    'two have lost it and a stranger votes',
    lost(reported([...listed, STRANGER]), 'etcd02', 'etcd03'),
    ['yes', 'no'],
  ],
  // Only etcd01 and etcd02 vote, and both are needed: the data of a learner helps nobody.
  ['a voter beside a learner has lost it', lost(stored(learning), 'etcd02'), ['yes', 'no']],
  ['the learner has lost it', lost(stored(learning), 'etcd03'), ['no', 'yes']],
] as const)
  test(`situationOf: whether the quorum is lost is counted over the list: ${what}`, (t) =>
    t.deepEqual(answers(facts), expected));

test('startWithout: who starts beside a member without data must be a quorum of the voters', (t) => {
  const only = ['etcd01', 'etcd02'];
  const without = (facts: SeenFacts, limit: readonly string[]) =>
    startWithout(three, facts, limit)?.without;
  t.deepEqual(without(lost(stored(listed), 'etcd03'), only), ['etcd03']);
  t.deepEqual(without(lost(stored(learning), 'etcd03'), only), ['etcd03']);
  // One voter and a learner are no quorum of two voters.
  t.is(without(lost(stored(learning), 'etcd02'), ['etcd01', 'etcd03']), undefined);
  t.is(without(lost(stored([...listed, STRANGER]), 'etcd03'), only), undefined);
});
