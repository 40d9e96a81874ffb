import test from 'ava';
import { ALL, stalls, type Timing } from '../../src/apply/timing.ts';

const step = (kind: Timing['kind'], seconds: number): Timing => ({
  ...{ kind, seconds, what: kind },
  host: kind === 'gate' ? ALL : 'etcd01',
});

test('stalls() last from a restart until all answer again, each for itself', (t) => {
  const timings = [
    ...[step('gate', 9), step('write-files', 9)],
    ...[step('restart-unit', 1), step('await-ready', 2), step('gate', 0.5)],
    ...[step('write-files', 9), step('restart-unit', 1), step('gate', 1)],
  ];
  t.deepEqual(stalls(timings), [3.5, 2]);
});

test('stalls() counts one that has not ended, and none where nothing was restarted', (t) => {
  t.deepEqual(stalls([step('restart-unit', 1), step('await-ready', 2)]), [3]);
  t.deepEqual(stalls([step('write-files', 1), step('gate', 2)]), []);
});
