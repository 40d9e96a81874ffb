import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { laneName, stepsOf } from '../../../src/plan/lane.ts';
import { joiningMembers } from '../../../src/plan/membership/joining.ts';
import { membershipIsKept } from '../../../src/plan/membership/membership-refusals.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  FRESH,
  type SeenFacts,
  settled,
  stopped,
  tenantOf,
  UP,
  wanted,
} from '../facts.ts';
import { outline } from '../outline.ts';

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

const planned = (desired: DesiredCluster, facts: SeenFacts) => planCluster(desired, facts, UP);

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
      undo: ['withdraw-member', 'stop-unit', 'move-aside', 'remove'],
      undone: 'etcd01 etcd02 etcd03',
      gate: 'etcd01 etcd02 etcd03 etcd04',
    },
  ]);
});

test('one that joins is waited for until all, and it itself, list it with a vote', (t) => {
  const { waves } = planned(four, beside(four));
  t.deepEqual(waves.find(({ title }) => title === 'add etcd04')?.gate.at(-1), {
    ...{ kind: 'listed-as', members: ['etcd01', 'etcd02', 'etcd03', 'etcd04'], member: 'etcd04' },
    peerUrls: ['https://198.18.0.14:2380'],
  });
});

test('programs are brought to newcomers before any of them joins, and members keep their processes', (t) => {
  const { waves } = planned(five, beside(five));
  t.deepEqual(
    waves.map(({ title }) => title),
    ['bring programs to etcd04, etcd05', 'add etcd04', 'add etcd05', 'record who has joined'],
  );
  const steps = waves.flatMap(({ lanes }) => stepsOf(lanes));
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
        ['withdraw-member', 'stop-unit', 'move-aside', 'remove'],
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

test('members that are there hear of a newcomer once it has joined', (t) => {
  const { waves } = planned(four, beside(four));
  const last = waves.at(-1);
  t.deepEqual(
    [last?.title, last?.lanes.map(laneName)],
    ['record who has joined', ['etcd01', 'etcd02', 'etcd03']],
  );
});

test('with etcd 3.3 the second member, which counts before it runs, wants consent', (t) => {
  const old = (members: number) => wanted(members, { etcd: { version: '3.3.25' } });
  const facts = beside(old(2), settled(old(1)));
  const { sentence = '' } = planned(old(2), facts).refusals[0] ?? {};
  t.regex(sentence, /etcd 3\.3\.25 has no learners, so etcd02 counts as soon as it is added/);
  const wishes = { freshToken: FRESH, wipe: false, allowDowntime: true };
  t.deepEqual(planCluster(old(2), facts, wishes).refusals, []);
});

test('a newcomer of a cluster whose first start was not recorded does not start one of its own', (t) => {
  const unrecorded = butAll(running, ({ conf }) => ({
    conf: conf && { ...conf, content: conf.content.replace('STATE="existing"', 'STATE="new"') },
  }));
  const { waves } = planned(four, beside(four, unrecorded));
  const [join] = waves.filter(({ title }) => title === 'add etcd04');
  t.true(JSON.stringify(join).includes('ETCD_INITIAL_CLUSTER_STATE=\\"existing\\"'));
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

test('one that counts already and is down is started before anybody is restarted', (t) => {
  const left = listed(beside(five), { ...ANNOUNCED, isLearner: false });
  const titles = planned(five, left).waves.map(({ title }) => title);
  t.deepEqual(titles, [
    'bring programs to etcd04, etcd05',
    'add etcd04',
    'change etcd02',
    'change etcd03',
    'change etcd01',
    'add etcd05',
    'record who has joined',
  ]);
});

test('where nobody answers for want of one that was announced, it starts with those that are listed', (t) => {
  const one = wanted(1);
  const two = wanted(2);
  const alone = beside(wanted(3), settled(one));
  const entry = { ...ANNOUNCED, isLearner: false, peerUrls: ['https://198.18.0.12:2380'] };
  const stuck = butAll(listed(alone, entry), ({ etcd }) => ({
    etcd: { healthy: false, complaint: 'no quorum', members: undefined, status: undefined },
    ...(etcd.members && { reportedList: etcd.members }),
  }));
  const { waves, refusals } = planned(wanted(3), stuck);
  t.deepEqual(refusals, []);
  const titles = waves.map(({ title }) => title);
  t.deepEqual(titles.slice(0, 2), ['start etcd02', 'bring programs to etcd03']);
  t.true(titles.indexOf('add etcd03') > titles.indexOf('start etcd02'));
  const [start] = waves.filter(({ title }) => title === 'start etcd02');
  t.deepEqual(
    start?.gate.map(({ members }) => members.join(' ')),
    start?.gate.map(() => 'etcd01 etcd02'),
  );
  t.true(JSON.stringify(start).includes(two.members.map((m) => `${m.name}=${m.peerUrl}`).join()));
});

test('a host that only has the files of a removed member takes a newcomer of another name', (t) => {
  const spare = wanted(4, {
    members: [11, 12, 13, 14].map((last, at) => ({
      ...{ name: at === 3 ? 'spare' : `etcd0${at + 1}`, address: `198.18.0.${last}` },
    })),
  });
  const former = settled(four).members.get('etcd04');
  if (former === undefined) throw new TypeError('no etcd04');
  const facts: SeenFacts = {
    ...running,
    store: settled(spare).store,
    members: new Map([
      ...running.members,
      [
        'spare',
        {
          ...{ ...former, ...stopped(former), data: undefined },
          tenants: { ...tenantOf(four, 'etcd04'), processes: [], logs: new Map() },
        },
      ],
    ]),
  };
  t.deepEqual(planned(spare, facts).refusals, []);
  t.deepEqual(
    joins(spare, facts).map(({ title }) => title),
    ['add spare'],
  );
});
