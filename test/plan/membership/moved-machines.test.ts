import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { laneName } from '../../../src/plan/lane.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, FRESH, type SeenFacts, settled, stopped, wanted } from '../facts.ts';

const six = wanted(6);
const former = wanted(3);
/** An inventory of three machines that are all new. */
const desired = { ...six, members: six.members.slice(3), outgoing: six.members.slice(0, 3) };
const running = settled(former);
const facts: SeenFacts = {
  ...running,
  store: settled(six).store,
  members: new Map([...[...bare(six).members].slice(3), ...running.members]),
};

const REMOVES = ['etcd01', 'etcd02', 'etcd03'];

const planned = (seen: SeenFacts, ...removes: readonly string[]) =>
  planCluster(desired, seen, { freshToken: FRESH, wipe: false, allowDowntime: false, removes });

test('up begins no second cluster on other machines, and says how the first one moves there', (t) => {
  const { refusals, waves } = planned(facts);
  t.deepEqual(waves, []);
  t.regex(
    refusals[0]?.sentence ?? '',
    /^prod runs on etcd01 \(198\.18\.0\.11\), etcd02 \(198\.18\.0\.12\), etcd03 \(198\.18\.0\.13\); /,
  );
  t.deepEqual(
    refusals.map(({ next }) => nextText(next)),
    [
      'if the cluster is to move to etcd04, etcd05, etcd06, with all its data, and leave the others: provision up INVENTORY --remove etcd01,etcd02,etcd03; or if not, put etcd01, etcd02, etcd03 back into the inventory',
    ],
  );
});

test('nor does up --wipe: what the other machines hold would stay, and serve', (t) => {
  const { refusals, waves } = planCluster(desired, facts, {
    ...{ freshToken: FRESH, wipe: true, allowDowntime: false },
  });
  t.deepEqual(waves, []);
  t.deepEqual(
    refusals.map(({ kind }) => kind),
    ['moved-machines'],
  );
});

test('who is not told to leave is named, with the command for all', (t) => {
  const [refusal] = planned(facts, 'etcd01').refusals;
  t.deepEqual(refusal?.about, ['etcd02', 'etcd03']);
  t.true(nextText(refusal?.next ?? []).includes('--remove etcd01,etcd02'));
});

test('one comes, one goes, and those that serve at the time are asked', (t) => {
  const { waves } = planned(facts, ...REMOVES);
  const turns = waves.filter(({ title }) => /^(add|remove) /.test(title));
  t.deepEqual(
    turns.map(({ title, gate, turn }) => [title, gate[0]?.members.join(' '), turn?.number]),
    [
      ['add etcd04', 'etcd01 etcd02 etcd03 etcd04', 1],
      ['remove etcd02', 'etcd01 etcd03 etcd04', 2],
      ['add etcd05', 'etcd01 etcd03 etcd04 etcd05', 3],
      ['remove etcd03', 'etcd01 etcd04 etcd05', 4],
      ['add etcd06', 'etcd01 etcd04 etcd05 etcd06', 5],
      ['remove etcd01', 'etcd04 etcd05 etcd06', 6],
    ],
  );
  t.deepEqual(
    turns.filter(({ title }) => title.startsWith('remove')).map(({ lanes }) => lanes.map(laneName)),
    [['etcd01'], ['etcd01'], ['etcd04']],
  );
});

test('nobody moves to machines with another data path: what is there on the former ones is not known', (t) => {
  const other = wanted(6, { etcd: { version: '3.5.30', paths: { data: '/srv/etcd' } } });
  const [refusal, ...more] = planCluster(
    { ...other, members: other.members.slice(3), outgoing: other.members.slice(0, 3) },
    facts,
    { freshToken: FRESH, wipe: false, allowDowntime: false, removes: REMOVES },
  ).refusals;
  t.deepEqual(more, []);
  t.is(
    refusal?.sentence,
    'etcd01, etcd02, etcd03: run with etcd.paths.data /var/lib/etcd; the inventory says /srv/etcd',
  );
});

test('each starts with those that are in the list then', (t) => {
  const { waves } = planned(facts, ...REMOVES);
  const starts = waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'add-member' ? [step.beside.length] : [])),
    ),
  );
  t.deepEqual(starts, [3, 3, 3]);
  const last = waves.find(({ title }) => title === 'add etcd06');
  t.false(JSON.stringify(last).includes('etcd02='));
});

test('the gates of a plan know how to ask those that leave', (t) => {
  const { target } = planned(facts, ...REMOVES);
  t.deepEqual(
    target?.members.map(({ name }) => name).sort(),
    six.members.map(({ name }) => name),
  );
});

test('one that is down goes first, and is no reason against the move', (t) => {
  const { waves, refusals } = planned(but(facts, 'etcd02', stopped), ...REMOVES);
  t.deepEqual(refusals, []);
  const turns = waves.map(({ title }) => title).filter((title) => /^(add|remove) /.test(title));
  t.is(turns[0], 'remove etcd02');
  t.is(turns.at(-1), 'remove etcd01');
});
