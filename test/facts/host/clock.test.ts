import test from 'ava';
import { askTimed, certainSkew, compareClocks } from '../../../src/facts/host/clock.ts';
import { sh } from '../../../src/shell/command.ts';
import { localHost } from '../../host/local-host.ts';

test('compareClocks() doubts what passed before the first reading and after the last one', (t) => {
  const moments = { asked: 1000, first: 1001, last: 1012, answered: 1012.5 };
  t.deepEqual(compareClocks(moments), { ahead: 0.25, doubt: 0.75 });
  t.deepEqual(compareClocks({ ...moments, first: 941, last: 952 }), { ahead: -59.75, doubt: 0.75 });
});

test('certainSkew() is what a clock is off at least', (t) => {
  t.is(certainSkew({ ahead: 0.25, doubt: 0.75 }) + 0, 0);
  t.is(certainSkew({ ahead: -59.5, doubt: 0.5 }), -59);
  t.is(certainSkew({ ahead: 59.5, doubt: 0.5 }), 59);
});

test('askTimed() finds this machine as late as itself, however long its answers take', async (t) => {
  const slow = { ask: sh`sleep 1.2; echo there`, read: ({ stdout }: { stdout: string }) => stdout };
  const began = Date.now();
  const { answers, clock } = await askTimed(localHost('etcd01'), { slow });
  const took = (Date.now() - began) / 1000;
  t.deepEqual(answers, { slow: 'there\n' });
  t.is(Math.abs(certainSkew(clock)) < 0.001, true, JSON.stringify(clock));
  t.true(clock.doubt <= took / 2 - 0.5, `${clock.doubt} of ${took}`);
});
