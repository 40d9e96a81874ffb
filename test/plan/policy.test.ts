import test from 'ava';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import { writesStopWith } from '../../src/plan/policy.ts';
import { butAll, type SeenFacts, settled, wanted } from './facts.ts';

const three = wanted(3);
const seen = settled(three);
const listed = [...seen.members.values()][0]?.etcd.members?.members ?? [];
const STRANGER: EtcdMember = {
  ...{ id: '00000000000000cc', name: 'etcd09', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.19:2380'], clientUrls: ['https://198.18.0.19:2379'] },
};

/** The members answer, and etcd's list is this one. */
const told = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(seen, ({ etcd }) => ({
    etcd: { ...etcd, members: etcd.members && { ...etcd.members, members } },
  }));
const FOUR = told([...listed, STRANGER]);

test('writesStopWith() lets three members restart one by one, and not two', (t) => {
  t.is(writesStopWith(three, seen), undefined);
  const two = wanted(2);
  t.is(writesStopWith(two, settled(two)), 'with 2 members');
});

test('writesStopWith() counts a member of the list that is down and not in the inventory', (t) => {
  t.is(writesStopWith(three, FOUR), 'with 4 members, of which 3 can answer,');
});

test('writesStopWith() counts on a member that is not in the inventory where it answers', (t) => {
  t.is(writesStopWith(three, { ...FOUR, answeringStrangers: new Set([STRANGER.id]) }), undefined);
});

test('writesStopWith() does not count who is down and leaves, or has no vote', (t) => {
  t.is(writesStopWith(three, FOUR, [{ entry: STRANGER, answers: false, leads: false }]), undefined);
  t.is(writesStopWith(three, told([...listed, { ...STRANGER, isLearner: true }])), undefined);
});

test('writesStopWith() counts over the list where the inventory names more', (t) => {
  t.is(writesStopWith(wanted(4), told(listed.slice(0, 2))), 'with 2 members');
});
