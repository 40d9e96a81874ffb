import test from 'ava';
import { planCluster } from '../../src/plan/cluster.ts';
import { laneName } from '../../src/plan/lane.ts';
import { limited } from '../../src/plan/limited.ts';
import { nextText } from '../../src/problem/render.ts';
import {
  but,
  butAll,
  emptyData,
  hanging,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from './facts.ts';

const three = wanted();
const off = butAll(settled(three), stopped);
const lost = but(off, 'etcd03', () => ({ data: emptyData }));
const torn = but(off, 'etcd03', () => ({
  database: {
    ...{ size: 20_480, meta: undefined, index: undefined, snapshot: undefined },
    ...{ members: undefined, removed: [] },
  },
}));
const unitGone = (facts: SeenFacts) =>
  but(facts, 'etcd01', ({ unit }) => ({
    unitFile: undefined,
    unit: { ...unit, exists: false, enabled: false },
  }));

const planned = (facts: SeenFacts, ...limit: readonly string[]) =>
  planCluster(three, facts, {
    ...UP,
    ...(limit.length > 0 && { limit }),
  });

/** Who is touched, by the title of the wave, and what is refused. */
const shown = (facts: SeenFacts, ...limit: readonly string[]) => {
  const { waves, refusals, without } = planned(facts, ...limit);
  return {
    waves: waves.map(({ title, lanes }) => [title, ...lanes.map(laneName)]),
    refused: refusals.length > 0,
    without,
  };
};
const REFUSED = { waves: [], refused: true, without: undefined };

for (const [what, facts] of [
  ['lost', lost],
  ['damaged', torn],
] as const) {
  test(`planCluster() starts a quorum beside a member whose data is ${what}, when told whom`, (t) => {
    t.deepEqual(shown(facts), REFUSED);
    t.true(
      planned(facts).refusals.some(({ next }) =>
        nextText(next).includes(
          'without etcd03, start the others: provision up INVENTORY --limit etcd01,etcd02',
        ),
      ),
    );
    const both = [['start etcd01, etcd02 together', 'etcd01', 'etcd02']];
    t.deepEqual(shown(facts, 'etcd01', 'etcd02'), {
      ...{ waves: both, refused: false, without: ['etcd03'] },
    });
    t.deepEqual(shown(unitGone(facts), 'etcd01', 'etcd02'), {
      ...{ waves: both, refused: false, without: ['etcd03'] },
    });
  });

  test(`planCluster() starts one beside a member that waits, and one whose data is ${what}`, (t) => {
    const waiting = but(facts, 'etcd02', () => {
      const found = settled(three).members.get('etcd02');
      return found ? { ...found, ...hanging(found), etcd: notAnswering('no leader') } : {};
    });
    t.deepEqual(shown(unitGone(waiting), 'etcd01'), {
      waves: [['start etcd01', 'etcd01']],
      ...{ refused: false, without: ['etcd03'] },
    });
  });

  test(`planCluster() starts no fewer than a quorum beside a member whose data is ${what}`, (t) => {
    t.deepEqual(shown(facts, 'etcd01'), REFUSED);
    t.deepEqual(shown(facts, 'etcd01', 'etcd03'), REFUSED);
    t.deepEqual(shown(facts, 'etcd01', 'etcd02', 'etcd03'), REFUSED);
  });
}

test('limited() lets a plan beside members that cannot start be, and says who is left', (t) => {
  const plan = planned(lost, 'etcd01', 'etcd02');
  t.deepEqual(limited(plan, three, lost, ['etcd01', 'etcd02']), { plan, leftOut: ['etcd03'] });
});

test('planCluster() refuses the same where somebody answers', (t) => {
  const answering = but(settled(three), 'etcd03', (found) => ({
    ...stopped(found),
    data: emptyData,
  }));
  t.deepEqual(shown(answering, 'etcd01', 'etcd02'), REFUSED);
});
