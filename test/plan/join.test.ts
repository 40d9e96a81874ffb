import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { joiningMembers } from '../../src/plan/joining.ts';
import { membershipIsKept } from '../../src/plan/membership-refusals.ts';
import { nextText } from '../../src/problem/render.ts';
import { bare, but, butAll, FRESH, type SeenFacts, settled, stopped, wanted } from './facts.ts';
import { outline } from './outline.ts';

const three = wanted(3);
const four = wanted(4);
const five = wanted(5);
const running = settled(three);

/** The running cluster of three, and beside it the bare hosts of those who are to join. */
const beside = (desired: DesiredCluster, facts: SeenFacts = running): SeenFacts => ({
  ...facts,
  store: settled(desired).store,
  members: new Map([...bare(desired).members, ...facts.members]),
});

/** The same, with one more in the list that etcd holds. */
const listed = (facts: SeenFacts, entry: EtcdMember): SeenFacts =>
  butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: [...etcd.members.members, entry] },
    },
  }));

const ANNOUNCED: EtcdMember = {
  ...{ id: '00000000000000aa', name: '', clientUrls: [], isLearner: true },
  peerUrls: ['https://198.18.0.14:2380'],
};

const planned = (desired: DesiredCluster, facts: SeenFacts) =>
  planCluster(desired, facts, { freshToken: FRESH, wipe: false, allowDowntime: false });

/** The turns in which members join, each with what is done there, what puts it back and whom its gates ask. */
const joins = (desired: DesiredCluster, facts: SeenFacts) =>
  planned(desired, facts)
    .waves.filter(({ title }) => title.startsWith('add '))
    .map(({ title, before = [], lanes, undo, undone = [], gate }) => ({
      title,
      before: before.map(({ members }) => members.join(' '))[0],
      steps: lanes.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
      undo: undo.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
      undone: undone.map(({ members }) => members.join(' '))[0],
      gate: gate.map(({ members }) => members.join(' '))[0],
    }));

const BROUGHT = ['write-files', 'enable-unit', 'install-certificates', 'point-link'];
const STARTED = ['start-unit', 'await-joined'];

test('a newcomer is brought everything, added without a vote, started, and given its vote', (t) => {
  t.deepEqual(joins(four, beside(four)), [
    {
      title: 'add etcd04',
      before: 'etcd01 etcd02 etcd03',
      steps: [...BROUGHT, 'dial-peers', 'add-member', ...STARTED, 'promote-member'],
      undo: ['withdraw-member', 'stop-unit', 'move-aside'],
      undone: 'etcd01 etcd02 etcd03',
      gate: 'etcd01 etcd02 etcd03 etcd04',
    },
  ]);
});

test('programs are brought to newcomers before any of them joins, and members keep their processes', (t) => {
  const { waves } = planned(five, beside(five));
  t.deepEqual(
    waves.map(({ title }) => title),
    [
      'change etcd02',
      'change etcd03',
      'change etcd01',
      'bring programs to etcd04, etcd05',
      'add etcd04',
      'add etcd05',
      'record who has joined',
    ],
  );
  const steps = waves.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.steps));
  t.false(steps.some(({ kind }) => kind === 'restart-unit' || kind === 'stop-unit'));
});

test('of two newcomers each starts with the members that there are by then', (t) => {
  const lists = joiningMembers(five, beside(five)).map(({ name, startsWith }) => [
    name,
    startsWith.map((one) => one.name).join(' '),
  ]);
  t.deepEqual(lists, [
    ['etcd04', 'etcd01 etcd02 etcd03 etcd04'],
    ['etcd05', 'etcd01 etcd02 etcd03 etcd04 etcd05'],
  ]);
  const [, second] = joins(five, beside(five));
  t.is(second?.before, 'etcd01 etcd02 etcd03 etcd04');
});

test('a learner that a killed run left goes on where it is, and comes before the next', (t) => {
  const left = listed(beside(five), ANNOUNCED);
  t.deepEqual(
    joins(five, left).map(({ title, steps, undo }) => [title, steps, undo]),
    [
      ['add etcd04', [...BROUGHT, ...STARTED, 'promote-member'], []],
      [
        'add etcd05',
        [...BROUGHT, 'dial-peers', 'add-member', ...STARTED, 'promote-member'],
        ['withdraw-member', 'stop-unit', 'move-aside'],
      ],
    ],
  );
});

test('a member that was announced with a vote and never started is started with the list as it is', (t) => {
  const left = listed(beside(five), { ...ANNOUNCED, isLearner: false });
  const [first] = joiningMembers(five, left);
  t.deepEqual(
    first?.startsWith.map(({ name }) => name),
    ['etcd01', 'etcd02', 'etcd03', 'etcd04'],
  );
  t.deepEqual(joins(five, left)[0]?.steps, [...BROUGHT, ...STARTED]);
});

test('a version without learners adds with a vote, once everybody reaches the newcomer', (t) => {
  const old = (members: number) => wanted(members, { etcd: { version: '3.3.25' } });
  const facts = beside(old(4), settled(old(3)));
  t.deepEqual(
    joins(old(4), facts).map(({ steps }) => steps),
    [[...BROUGHT, 'dial-peers', 'add-member', ...STARTED]],
  );
});

test('a member that does not run is started before anybody is added', (t) => {
  const lines = outline(planned(four, beside(four, but(running, 'etcd02', stopped))));
  const titles = lines.filter((line) => !line.startsWith(' '));
  t.true(titles.indexOf('start etcd02') < titles.indexOf('add etcd04'));
  t.true(titles.includes('start etcd02'));
});

test('what does not add members says who does', (t) => {
  const told = membershipIsKept(four, beside(four)).map(({ sentence, next }) => [
    sentence,
    nextText(next),
  ]);
  t.deepEqual(told, [
    [
      'etcd04: is new: the running cluster e408d778c4a7c321 has never had etcd04 at https://198.18.0.14:2380; its members are etcd01, etcd02, etcd03',
      'take etcd04 out of the inventory; or provision up INVENTORY adds etcd04 to the cluster',
    ],
  ]);
  const silent = beside(four, but(running, 'etcd02', stopped));
  t.deepEqual(
    membershipIsKept(four, silent).map(({ next }) => nextText(next)),
    ['take etcd04 out of the inventory'],
  );
});
