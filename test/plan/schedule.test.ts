import test from 'ava';
import { schedulePlaces } from '../../src/desired/schedule.ts';
import type { TimerFact } from '../../src/facts/data/schedule.ts';
import { planFor } from '../../src/plan/intent.ts';
import { hostsOf } from '../../src/plan/lane.ts';
import { wanted } from './facts.ts';

const three = wanted();
const places = schedulePlaces(three);
const NOTHING: TimerFact = {
  ...{ script: undefined, serviceFile: undefined, timerFile: undefined, newest: undefined },
  ...{ timerActive: false, timerEnabled: false, lastResult: undefined, complaint: undefined },
};
const script = { path: places.script, mode: 0o755, content: 'a script' };
const files = Object.fromEntries(three.members.map(({ name }) => [name, [script]]));
const found = (...names: readonly string[]) =>
  new Map<string, TimerFact>(names.map((name) => [name, NOTHING]));

test('a schedule is brought to those that are there, and it is said who is left', (t) => {
  const plan = planFor(three, found('etcd01', 'etcd02'), {
    ...{ kind: 'schedule', places, files, away: ['etcd03'] },
  });
  t.deepEqual(plan.refusals, []);
  t.deepEqual(
    plan.waves.flatMap(({ lanes }) => hostsOf(lanes)),
    ['etcd01', 'etcd02'],
  );
  t.deepEqual(plan.away, ['etcd03']);
  t.deepEqual(
    plan.left?.map(({ name }) => name),
    ['etcd03'],
  );
});

test('nobody whose host answers is done without, whether a schedule begins or ends', (t) => {
  for (const given of [files, undefined]) {
    const plan = planFor(three, found('etcd01', 'etcd02', 'etcd03'), {
      ...{ kind: 'schedule', places, files: given, away: ['etcd02', 'etcd03'] },
    });
    t.deepEqual(plan.waves, []);
    t.deepEqual(
      plan.refusals.map(({ kind, about, sentence }) => [kind, about, sentence]),
      [
        [
          'not-away',
          ['etcd02', 'etcd03'],
          'etcd02, etcd03: their hosts answer, and --without is for members whose hosts do not',
        ],
      ],
    );
  }
});
