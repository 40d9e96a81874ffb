import test from 'ava';
import { planCluster } from '../../src/plan/cluster.ts';
import { nextText } from '../../src/problem/render.ts';
import { bare, butAll, FRESH, type SeenFacts, settled, wanted } from './facts.ts';

const three = wanted(3);
const four = wanted(4);
const LOST = {
  ...{ id: '00000000000000bb', name: 'etcd09', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.19:2380'], clientUrls: ['https://198.18.0.19:2379'] },
};

/** The inventory's members run, and the list that etcd holds has one more. */
const withStranger = (facts: SeenFacts, answers: boolean): SeenFacts => ({
  ...butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: [...etcd.members.members, LOST] },
    },
  })),
  ...(answers && { answeringStrangers: new Set([LOST.id]) }),
});

const planned = (desired: typeof three, facts: SeenFacts, ...removes: readonly string[]) =>
  planCluster(desired, facts, { freshToken: FRESH, wipe: false, allowDowntime: false, removes });

const refused = (facts: SeenFacts, ...removes: readonly string[]) =>
  planned(three, facts, ...removes).refusals.map(({ sentence, next }) => [
    sentence,
    nextText(next),
  ]);

test('a member that the inventory leaves out stays until somebody says that it is to go', (t) => {
  t.deepEqual(refused(withStranger(settled(three), true)), [
    [
      'the running cluster has a member etcd09 at https://198.18.0.19:2380 that the inventory does not name; it counts: 3 of 4 must answer',
      'put etcd09 with its address (https://198.18.0.19:2380) into the inventory; or if it is to leave the cluster, or its host is gone for good: provision up INVENTORY --remove etcd09',
    ],
  ]);
});

for (const by of ['etcd09', LOST.id])
  test(`a member is removed by ${by}, while all others answer, through the leader`, (t) => {
    const { waves } = planned(three, withStranger(settled(three), true), by);
    t.deepEqual(
      waves.map(({ title, before = [], lanes, gate, undo }) => ({
        title,
        before: before.map(({ members }) => members.join(' '))[0],
        steps: lanes.map(({ host, steps }) => [host, steps.map(({ kind }) => kind)]),
        gate: gate.map(({ members }) => members.join(' '))[0],
        undo,
      })),
      [
        {
          title: 'remove etcd09',
          before: 'etcd01 etcd02 etcd03',
          steps: [['etcd01', ['remove-member', 'retire-host']]],
          gate: 'etcd01 etcd02 etcd03',
          undo: [],
        },
      ],
    );
  });

const around = (answers: boolean): SeenFacts => {
  const facts = withStranger(settled(three), answers);
  const store = settled(four).store;
  return { ...facts, store, members: new Map([...bare(four).members, ...facts.members]) };
};

test('one that is down goes before a newcomer comes, which never hears of it', (t) => {
  const { waves } = planned(four, around(false), 'etcd09');
  const titles = waves.map(({ title }) => title).filter((title) => /^(add|remove) /.test(title));
  t.deepEqual(titles, ['remove etcd09', 'add etcd04']);
  t.false(JSON.stringify(waves).includes('etcd09=https://198.18.0.19:2380'));
});

test('one that answers goes once the newcomer has come, which starts beside it', (t) => {
  const { waves } = planned(four, around(true), 'etcd09');
  const titles = waves.map(({ title }) => title).filter((title) => /^(add|remove) /.test(title));
  t.deepEqual(titles, ['add etcd04', 'remove etcd09']);
  t.true(JSON.stringify(waves).includes('etcd09=https://198.18.0.19:2380'));
});

test('nobody is removed that the inventory names, that is unknown, or that the quorum needs', (t) => {
  const facts = withStranger(settled(three), true);
  t.deepEqual(refused(facts, 'etcd02'), [
    [
      'etcd02 is in the inventory, and --remove is for members that are not',
      'take etcd02 out of the inventory first',
    ],
  ]);
  t.deepEqual(refused(facts, 'etcd07'), [
    [
      'the cluster has no member etcd07; its members are etcd01, etcd02, etcd03, etcd09',
      'leave --remove etcd07 out: it is not in the cluster',
    ],
  ]);
});
