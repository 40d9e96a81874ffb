import test from 'ava';
import { nextText } from '../../src/problem/render.ts';
import { notAccepted } from '../../src/verify/health-key.ts';

const told = (said: string) => {
  const { message, next } = notAccepted('etcd01', said);
  return [message, nextText(next)];
};

test('notAccepted() names the way back where a database is full, else how to see why', (t) => {
  const full = 'Error: etcdserver: mvcc: database space exceeded';
  t.deepEqual(told(`{"level":"warn"}\n${full}\n`), [
    `etcd01: did not accept a write: ${full}`,
    'compact, defragment and disarm: provision maintain space INVENTORY',
  ]);
  t.deepEqual(told('Error: context deadline exceeded'), [
    'etcd01: did not accept a write: Error: context deadline exceeded',
    'see why: provision doctor INVENTORY',
  ]);
});
