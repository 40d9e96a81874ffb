import test from 'ava';
import type { MemberList } from '../../src/etcd/answers.ts';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import type { ConsumerFacts } from '../../src/facts/consumer.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import type { Look } from '../../src/facts/unreachable.ts';
import { Failure } from '../../src/failure/failure.ts';
import { observedConsumers, seenConsumers } from '../../src/observed/consumers.ts';
import { observed, someoneAnswers } from '../../src/observed/observed.ts';
import { but, butAll, hanging, type SeenFacts, settled, stopped, wanted } from '../plan/facts.ts';

const three = await wanted();

/** What policies ask, by names. */
function said(facts: Pick<ClusterFacts, 'members'>) {
  const seen = observed(three, facts);
  const names = (all: readonly { readonly name: string }[]) =>
    all.map(({ name }) => name).join(' ');
  return {
    ...{ answers: names(seen.answers), notAnswering: names(seen.notAnswering) },
    ...{ unreachable: names(seen.unreachable), leader: seen.leader?.name },
    ...{ voters: names(seen.voters), learners: names(seen.learners) },
    ...{ strangers: seen.strangers.map(({ id }) => id).join(' '), spare: seen.quorum?.spare },
  };
}

const WHOLE = {
  ...{ answers: 'etcd01 etcd02 etcd03', notAnswering: '', unreachable: '', leader: 'etcd01' },
  ...{ voters: 'etcd01 etcd02 etcd03', learners: '', strangers: '', spare: 1 },
};

/** The facts with another list told by every member that answers. */
function listing(
  facts: SeenFacts,
  change: (list: MemberList['members']) => MemberList['members'],
): SeenFacts {
  return butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: change(etcd.members.members) },
    },
  }));
}

test('observed() tells of a whole cluster that one member may be down', (t) => {
  t.deepEqual(said(settled(three)), WHOLE);
});

test('observed() counts a host that cannot be asked as not answering, and keeps what the others told', (t) => {
  const unreachable = new Failure('unreachable', 'etcd02: no route to host', { next: [] });
  const members = new Map<string, Look<MemberFacts>>(settled(three).members);
  members.set('etcd02', { unreachable });
  const seen = observed(three, { members });
  t.deepEqual(said({ members }), {
    ...WHOLE,
    ...{ answers: 'etcd01 etcd03', notAnswering: 'etcd02', unreachable: 'etcd02', spare: 0 },
  });
  t.is(seen.members[1]?.unreachable, unreachable);
  t.is(seen.members[1]?.listed?.name, 'etcd02');
  t.deepEqual(
    seen.seen.map(({ name }) => name),
    ['etcd01', 'etcd03'],
  );
});

test('observed() knows a host that was not looked at from one that cannot be asked', (t) => {
  const members = new Map(settled(three).members);
  members.delete('etcd03');
  t.deepEqual(said({ members }), {
    ...WHOLE,
    ...{ answers: 'etcd01 etcd02', notAnswering: 'etcd03', spare: 0 },
  });
});

test('observed() counts a listed member that never started as down', (t) => {
  const never = {
    ...{ id: '00000000000000ff', name: '', isLearner: false },
    ...{ peerUrls: ['https://198.18.0.99:2380'], clientUrls: [] },
  };
  const facts = listing(settled(three), (list) => [...list, never]);
  t.deepEqual(said(facts), {
    ...WHOLE,
    ...{ voters: 'etcd01 etcd02 etcd03 ', strangers: never.id, spare: 0 },
  });
});

test('observed() counts no learner for the quorum', (t) => {
  const facts = listing(settled(three), (list) =>
    list.map((one) => ({ ...one, isLearner: one.name === 'etcd03' })),
  );
  t.deepEqual(said(facts), {
    ...WHOLE,
    ...{ voters: 'etcd01 etcd02', learners: 'etcd03', spare: 0 },
  });
});

test('observed() has no quorum to count where nobody tells the list', (t) => {
  const facts = butAll(settled(three), stopped);
  t.deepEqual(said(facts), {
    ...{ answers: '', notAnswering: 'etcd01 etcd02 etcd03', unreachable: '', leader: undefined },
    ...{ voters: '', learners: '', strangers: '', spare: undefined },
  });
  t.false(someoneAnswers(facts));
});

test('observed() counts a lost quorum by the list that a member tells without one', (t) => {
  const list = settled(three).members.get('etcd01')?.etcd.members;
  const hung = butAll(settled(three), hanging);
  const facts = but(hung, 'etcd02', () => ({ ...(list && { reportedList: list }) }));
  t.deepEqual(said(facts), {
    ...WHOLE,
    ...{ answers: '', notAnswering: 'etcd01 etcd02 etcd03', leader: undefined, spare: -2 },
  });
});

test('observed() passes over an empty list, as a member tells one that has just started', (t) => {
  const list = settled(three).members.get('etcd01')?.etcd.members;
  const none = { clusterId: list?.clusterId ?? '', members: [] };
  const hung = butAll(settled(three), hanging);
  const empty = but(hung, 'etcd01', () => ({ reportedList: none }));
  t.deepEqual(said(empty), {
    ...{ answers: '', notAnswering: 'etcd01 etcd02 etcd03', unreachable: '', leader: undefined },
    ...{ voters: '', learners: '', strangers: '', spare: undefined },
  });
  const both = but(empty, 'etcd02', () => ({ ...(list && { reportedList: list }) }));
  t.deepEqual(said(both), {
    ...WHOLE,
    ...{ answers: '', notAnswering: 'etcd01 etcd02 etcd03', leader: undefined, spare: -2 },
  });
  const first = but(settled(three), 'etcd01', ({ etcd }) => ({ etcd: { ...etcd, members: none } }));
  t.deepEqual(said(first), WHOLE);
});

test('seenConsumers() leaves out hosts that could not be asked, and keeps the order of the inventory', (t) => {
  const consumer = (name: string) => ({
    ...{ name, hosts: [{ address: '198.18.0.81' }, { address: '198.18.0.82' }] },
    directory: `/etc/${name}/etcd`,
  });
  const desired = wanted(3, { consumers: [consumer('reader')] });
  const [first, second] = desired.consumers.map(({ name }) => name);
  const found: ConsumerFacts = {
    pki: { target: undefined, files: new Map() },
    keys: { sha256: new Set(), complaint: undefined },
    ...{ foreign: undefined, owner: undefined, clock: { ahead: 0, doubt: 0 }, unit: undefined },
  };
  const unreachable = new Failure('unreachable', 'reader: no route to host', { next: [] });
  const consumers = new Map<string, Look<ConsumerFacts>>([
    [second ?? '', found],
    [first ?? '', { unreachable }],
  ]);
  t.deepEqual(
    observedConsumers(desired, { consumers }).map((one) => [one.name, one.found]),
    [
      [first, undefined],
      [second, found],
    ],
  );
  t.deepEqual(
    seenConsumers(desired, { consumers }).map(({ name }) => name),
    [second],
  );
});
