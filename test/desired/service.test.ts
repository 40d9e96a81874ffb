import test from 'ava';
import { desiredService, differingStart, startedWith } from '../../src/desired/service.ts';

const started = (service: Readonly<Record<string, string | number>>) =>
  startedWith(desiredService({ service }));

test('startedWith: tells nothing where the inventory chooses nothing that counts', (t) => {
  t.is(started({}), '');
  t.is(started({ OOMScoreAdjust: -900, TimeoutStopSec: '100' }), '');
  t.is(started({ MemoryMax: '8G', Nice: -5 }), 'Nice:-5;MemoryMax:8G');
});

test('differingStart: names each setting that counts with both values', (t) => {
  const was = started({ Nice: -5, MemoryMax: '8G', OOMScoreAdjust: -500 });
  const is = started({ MemoryMax: '4G', CPUAffinity: '0 1' });
  t.deepEqual(
    differingStart(was, is, () => true),
    [
      'OOMScoreAdjust -500 instead of -900',
      'Nice -5 instead of unset',
      'CPUAffinity unset instead of 0,1',
      'MemoryMax 8G instead of 4G',
    ],
  );
  t.deepEqual(
    differingStart(was, is, (name) => name === 'Nice'),
    ['Nice -5 instead of unset'],
  );
  t.deepEqual(
    differingStart('', '', () => true),
    [],
  );
});
