import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { bootstrapClusterId } from '../../../src/etcd/identity.ts';
import type { FormerVoters, RestoreIntent } from '../../../src/facts/data/restore-intent.ts';
import type { UnfinishedRestore } from '../../../src/plan/restoring/half-restored.ts';
import {
  areMost,
  canServeWithout,
  formerVoters,
  restoredQuorums,
} from '../../../src/plan/restoring/restore-quorum.ts';
import {
  butAll,
  dataOf,
  emptyData,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  wanted,
} from '../facts.ts';

const three = wanted();
const alive = settled(three);
const listed = [...alive.members.values()][0]?.etcd.members?.members ?? [];
const NAMES = ['etcd01', 'etcd02', 'etcd03'];
const NEW = 'cd'.repeat(16);
const urls = three.members.map(({ peerUrl }) => peerUrl);

const member = (name: string, at: number, isLearner = false): EtcdMember => ({
  ...{ id: `00000000000000${at}`, name, isLearner },
  peerUrls: [`https://198.18.0.${at}:2380`],
  clientUrls: name === '' ? [] : [`https://198.18.0.${at}:2379`],
});
const STRANGER = member('etcd09', 19);
const GHOST = member('', 20);
const LEARNER = member('etcd08', 18, true);

const intent = (changes: Partial<RestoreIntent> = {}): RestoreIntent => ({
  ...{ cluster: 'prod', token: NEW, clusterId: bootstrapClusterId(urls, NEW), bumpRevision: 0 },
  ...{ snapshot: 'a'.repeat(64), began: '20261121T110000Z', ran: true, served: true },
  ...changes,
});

/** The hosts as they are seen, each with this record. */
function hosts(facts: SeenFacts, record?: RestoreIntent): ReadonlyMap<string, UnfinishedRestore> {
  const found = { intent: record, mounted: false, placed: undefined, led: false };
  return new Map(
    [...facts.members].map(([name, one]) => [
      name,
      { facts: one, found: { ...found, staged: undefined, asides: [] } },
    ]),
  );
}

/** They run, have no quorum, and tell this list at their peer ports. */
const told = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(alive, ({ etcd }) => ({
    etcd: notAnswering('context deadline exceeded'),
    ...(etcd.members && { reportedList: { ...etcd.members, members } }),
  }));

/** They are stopped, and their databases have this list. */
const stored = (members: readonly EtcdMember[]): SeenFacts =>
  butAll(alive, (found) => ({
    ...stopped(found),
    database: {
      ...{ size: 20_480, meta: { pageSize: 4096, root: 5, pages: 5 }, index: 12 },
      ...{ snapshot: undefined, members, removed: [] },
    },
  }));

/** Their data lies aside. */
const moved = butAll(alive, (found) => ({ ...stopped(found), data: emptyData }));
const RECORDED: FormerVoters = { voters: 5, named: NAMES, absent: 1 };

test('formerVoters() counts those of the list that a member tells now, whatever the inventory and the record say', (t) => {
  const own = { voters: 3, named: NAMES, absent: 0 };
  const of = (members: readonly EtcdMember[]) =>
    formerVoters(three, hosts(told(members), intent({ former: RECORDED })));
  t.deepEqual(of(listed), own);
  t.deepEqual(of([...listed, STRANGER]), { ...own, voters: 4 });
  t.deepEqual(of([...listed, GHOST]), { ...own, voters: 4, absent: 1 });
  t.deepEqual(of([...listed, LEARNER]), own);
  // Named by the inventory and removed from the list, or a learner there.
  t.deepEqual(of(listed.slice(0, 2)), { voters: 2, named: NAMES.slice(0, 2), absent: 0 });
  t.deepEqual(of(listed.map((one, at) => ({ ...one, isLearner: at === 2 }))), {
    voters: 2,
    named: NAMES.slice(0, 2),
    absent: 0,
  });
});

test('formerVoters() goes by the record where nobody tells a list, else by what is stored, else by the inventory', (t) => {
  t.deepEqual(formerVoters(three, hosts(moved, intent({ former: RECORDED }))), RECORDED);
  t.deepEqual(formerVoters(three, hosts(stored(listed.slice(0, 2)), intent())), {
    ...{ voters: 2, named: NAMES.slice(0, 2), absent: 0 },
  });
  t.deepEqual(formerVoters(three, hosts(moved, intent())), {
    ...{ voters: 3, named: NAMES, absent: 0 },
  });
});

test('formerVoters() takes no list from a member that runs on restored data', (t) => {
  const restored = butAll(told([...listed, STRANGER]), (_found, name) => ({
    data: dataOf(three, name, NEW),
  }));
  t.deepEqual(formerVoters(three, hosts(restored, intent({ former: RECORDED }))), RECORDED);
});

test('areMost() counts voters of the list alone', (t) => {
  const of = (voters: number, named = NAMES) => ({ voters, named, absent: 0 });
  t.true(areMost(of(3), ['etcd01', 'etcd02']));
  t.false(areMost(of(3), ['etcd01']));
  t.false(areMost(of(4), ['etcd01', 'etcd02']));
  t.true(areMost(of(4), NAMES));
  t.false(areMost(of(3, ['etcd01', 'etcd02']), ['etcd02', 'etcd03']));
});

test('canServeWithout() knows that a voter that never started is of no use', (t) => {
  const of = (voters: number, absent: number) => ({ voters, named: NAMES, absent });
  t.true(canServeWithout(of(3, 0), ['etcd01']));
  t.false(canServeWithout(of(3, 0), ['etcd01', 'etcd02']));
  t.true(canServeWithout(of(4, 0), ['etcd01']));
  t.false(canServeWithout(of(4, 1), ['etcd01']));
  t.true(canServeWithout(of(4, 1), []));
  t.true(canServeWithout({ ...of(2, 0), named: ['etcd01', 'etcd02'] }, ['etcd03']));
});

test('restoredQuorums() counts by the list that it was begun with and by the one that is told', (t) => {
  const record = intent();
  const { clusterId } = record;
  const running = butAll(alive, ({ etcd }, name) => ({
    data: name === 'etcd03' ? dataOf(three, name) : dataOf(three, name, NEW),
    etcd: {
      ...etcd,
      members: { clusterId, members: [...listed, STRANGER, GHOST, LEARNER] },
    },
  }));
  const [begun, ...lists] = restoredQuorums(three, hosts(running, record), record);
  t.deepEqual(begun, { needed: 2, restored: 2, unasked: 0 });
  t.deepEqual(lists[0], { needed: 3, restored: 2, unasked: 2 });
  // A list of another cluster says nothing of this one.
  t.deepEqual(restoredQuorums(three, hosts(alive, record), record), [
    { needed: 2, restored: 0, unasked: 0 },
  ]);
});
