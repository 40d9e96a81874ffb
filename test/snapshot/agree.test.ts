import test from 'ava';
import { agreement } from '../../src/snapshot/agree.ts';

const hashes = (...all: readonly number[]) =>
  new Map(all.map((hash, index) => [`etcd0${index + 1}`, hash]));

test('agreement() has nothing to say where all hold the same', (t) => {
  t.deepEqual(agreement(hashes(7, 7, 7), 9), { differing: [], trouble: undefined, isMost: true });
});

test('agreement() names who holds other data than most', (t) => {
  t.deepEqual(agreement(hashes(7, 8, 7), 9), {
    differing: ['etcd02'],
    trouble: 'the members hold different data at revision 9: etcd01 7, etcd02 8, etcd03 7',
    isMost: true,
  });
});

for (const [title, all] of [
  ['two', hashes(7, 8)],
  ['three', hashes(7, 8, 9)],
  ['two and two', hashes(7, 8, 8, 7)],
] as const)
  test(`agreement() knows no majority of ${title} that differ`, (t) => {
    const { differing, isMost, trouble } = agreement(all, 9);
    t.deepEqual([differing, isMost], [[], false]);
    t.regex(trouble ?? '', /hold different data at revision 9/);
  });

test('agreement() counts most over all voters, not over those that were asked', (t) => {
  t.deepEqual(agreement(hashes(7, 8, 7), 9, 5).isMost, false);
  t.deepEqual(agreement(hashes(7, 8, 7), 9, 5).differing, []);
  t.deepEqual(agreement(hashes(7, 7, 7), 9, 5).isMost, true);
  t.deepEqual(agreement(hashes(7, 7), 9, 3).isMost, true);
});
