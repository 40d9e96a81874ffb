import test from 'ava';
import { strayOf } from '../../src/verify/hashes.ts';

const hashes = (...of: readonly number[]) => new Map(of.map((hash, at) => [`r${at + 1}`, hash]));

test('strayOf() names the one that differs from all others, where those hold the same', (t) => {
  t.is(strayOf(hashes(7, 7, 8)), 'r3');
  t.is(strayOf(hashes(7, 8, 8, 8, 8)), 'r1');
});

test('strayOf() names nobody where nobody differs, several do, or one other alone is there', (t) => {
  t.is(strayOf(hashes(7, 7, 7)), undefined);
  t.is(strayOf(hashes(7, 8, 9)), undefined);
  t.is(strayOf(hashes(7, 7, 8, 8)), undefined);
  t.is(strayOf(hashes(7, 7, 7, 8, 9)), undefined);
  t.is(strayOf(hashes(7, 8)), undefined);
  t.is(strayOf(new Map()), undefined);
});
