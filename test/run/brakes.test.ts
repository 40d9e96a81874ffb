import test from 'ava';
import { here, type Lane, laneName, onHost } from '../../src/plan/lane.ts';
import type { Wave } from '../../src/plan/plan.ts';
import { brakesOf } from '../../src/run/brakes.ts';
import { wanted } from '../plan/facts.ts';

const three = wanted();
const because = 'a test wants it';

function change(host: string, turn?: Wave['turn']): Wave {
  return wave(onHost(host, [{ kind: 'restart-unit', unit: 'etcd', because }]), turn);
}

function wave(lane: Lane, turn?: Wave['turn']): Wave {
  return {
    title: `change ${laneName(lane)}`,
    lanes: [lane],
    gate: [],
    undo: [],
    ...(turn && { turn }),
  };
}
const roll = ['etcd02', 'etcd03', 'etcd01'].map((host, at) =>
  change(host, { number: at + 1, of: 3 }),
);
const [first, second, third] = roll;
if (first === undefined || second === undefined || third === undefined)
  throw new TypeError('three turns');

// Nobody is asked where the result is JSON.
const braked = (pauseAfter: 'first' | 'each') =>
  brakesOf(three, { pauseAfter, limit: undefined, json: true });

test('brakesOf() holds back after the first turn, and says whose turn is next and that more follows', async (t) => {
  for (const [left, still, names] of [
    [[second, third], 'etcd03, etcd01', ['etcd03', 'etcd01']],
    [
      [second, third, ...roll],
      'etcd03, etcd01, then the next stage',
      ['etcd03', 'etcd01', 'etcd02'],
    ],
    [
      [wave(here([{ kind: 'promote-ca', because }])), ...roll],
      'the next stage',
      ['etcd02', 'etcd03', 'etcd01'],
    ],
  ] as const) {
    const { brake, heldBack } = braked('first');
    t.is(heldBack(), undefined);
    t.is(await brake?.(first, left), false);
    const held = heldBack();
    t.is(held?.message, `prod: paused after etcd02; still to come: ${still}`);
    t.is(held?.reason, 'paused');
    t.deepEqual(held?.left, names);
  }
});

test('brakesOf() asks nobody without --pause-after', (t) => {
  t.is(brakesOf(three, { pauseAfter: undefined, limit: undefined, json: true }).brake, undefined);
});
