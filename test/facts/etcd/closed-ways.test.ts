import test from 'ava';
import { closedWays } from '../../../src/facts/etcd/closed-ways.ts';
import type { Dial } from '../../../src/facts/etcd/dial-peers.ts';

const dial = (to: string, changes: Partial<Dial> = {}): Dial => ({
  ...{ to, address: `${to}:2380`, outcome: 'reached', isRight: true },
  ...{ milliseconds: 1, complaint: '' },
  ...changes,
});
const dropped = { outcome: 'no answer', complaint: 'no answer within 4 s' } as const;

test('closedWays() names the ways from and to a member that are closed or lead elsewhere', (t) => {
  const dials = new Map([
    ['c', [dial('a'), dial('b', { isRight: false })]],
    ['a', [dial('c', dropped), dial('b', dropped)]],
    ['b', [dial('c'), dial('a')]],
  ]);
  t.deepEqual(closedWays('c', dials), [
    { from: 'c', to: 'b', sentence: 'from c, somebody else than b answers at b:2380' },
    { from: 'a', to: 'c', sentence: 'a does not reach c at c:2380 (no answer within 4 s)' },
  ]);
});
