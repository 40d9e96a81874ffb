import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { misdescribed } from '../../../src/plan/ownership/misdescribed.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, butAll, type SeenFacts, settled, stopped, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

const three = wanted();
const members = settled(three).members.get('etcd01')?.etcd.members?.members ?? [];
const meta = { pageSize: 4096, root: 5, pages: 5 };

/** Everybody stopped, with these last entries in their databases. */
const off = (...indexes: readonly number[]): SeenFacts => {
  let facts = butAll(settled(three), stopped);
  for (const [at, index] of indexes.entries())
    facts = but(facts, `etcd0${at + 1}`, () => ({
      database: { size: 20_480, meta, index, snapshot: undefined, members, removed: [] },
    }));
  return facts;
};

const at = (...lasts: readonly number[]) =>
  wanted(lasts.length, {
    members: lasts.map((last, index) => ({
      name: `etcd0${index + 1}`,
      address: `198.18.0.${last}`,
    })),
  });
const rack = at(111, 112, 113);
const kinds = (desired: typeof three, facts: SeenFacts) =>
  planCluster(desired, facts, UP).refusals.map(({ kind }) => kind);

test('all machines in another network: recognised, and brought back from the one that holds most', (t) => {
  const facts = off(12, 14, 14);
  t.deepEqual(outline(planCluster(rack, facts, UP)), [
    'refused: etcd01, etcd02, etcd03: are at other addresses than the data of the cluster (e408d778c4a7c321) has, which is 198.18.0.11, 198.18.0.12, 198.18.0.13; nobody answers, and with 0 of 3 members where it has them no quorum forms: 2 must | next: if the hosts can have 198.18.0.11, 198.18.0.12, 198.18.0.13 again for a while: give them back, there and in the inventory, and provision up INVENTORY; from there it moves members one after another, and they stay the same; or if those are gone for good: provision restore INVENTORY --from-member etcd02 makes a cluster of all members at the addresses of the inventory from what etcd02 holds (it gets a new cluster id, so whatever watches or caches is to be restarted; all former data is moved aside)',
  ]);
  t.deepEqual(planCluster(rack, facts, UP).refusals[0]?.evidence, [
    'etcd01 holds everything up to entry 12',
    'etcd02 holds everything up to entry 14',
    'etcd03 holds everything up to entry 14',
  ]);
  // What is printed is not refused for the same.
  t.deepEqual(misdescribed(rack, facts), []);
});

test('the same where the configuration alone tells the members, or two of three moved', (t) => {
  t.deepEqual(kinds(rack, butAll(settled(three), stopped)), ['network-moved']);
  t.deepEqual(kinds(at(11, 112, 113), off(12, 12, 12)), ['network-moved']);
});

test('who runs and tells nothing may hold most: that is seen first', (t) => {
  const next = planCluster(rack, off(12), UP)
    .refusals.map((one) => nextText(one.next))
    .join();
  t.regex(
    next,
    /see first who holds most: systemctl stop etcd on etcd02, etcd03; then: provision plan/,
  );
  t.notRegex(next, /--from-member/);
  // Two of three are asked: one of them has what two have acknowledged.
  t.regex(
    planCluster(rack, off(12, 14), UP)
      .refusals.map((one) => nextText(one.next))
      .join(),
    /--from-member etcd02/,
  );
});

test('a learner has acknowledged nothing: its data does not stand for that of a voter', (t) => {
  const four = wanted(4);
  const all = (settled(four).members.get('etcd01')?.etcd.members?.members ?? []).map((one) => ({
    ...one,
    isLearner: one.name === 'etcd04',
  }));
  const database = {
    ...{ size: 20_480, meta, index: 12, snapshot: undefined, members: all, removed: [] },
  };
  const facts = butAll(settled(four), (found, name) => ({
    ...(name === 'etcd02' || name === 'etcd03'
      ? bare(four).members.get(name)
      : { ...stopped(found), database }),
  }));
  const next = planCluster(at(111, 112, 113, 114), facts, UP)
    .refusals.map((one) => nextText(one.next))
    .join();
  t.regex(next, /give them back/);
  // Nobody tells less than it holds, so there is nobody to stop either.
  t.notRegex(next, /--from-member|systemctl stop/);
});

test('another thing: a minority moved, other ports, machines without the data, or a cluster that answers', (t) => {
  t.deepEqual(kinds(at(11, 12, 113), off(12, 12, 12)), ['setting-changed']);
  t.deepEqual(
    kinds(wanted(3, { etcd: { version: '3.5.30', ports: { peer: 12380 } } }), off(12, 12, 12)),
    ['setting-changed'],
  );
  const nothing = butAll(off(12, 12, 12), (_, name) => bare(three).members.get(name) ?? {});
  t.false(kinds(rack, nothing).includes('network-moved'));
  t.deepEqual(kinds(rack, settled(three)), []);
});
