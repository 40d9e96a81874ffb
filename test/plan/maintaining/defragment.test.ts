import test from 'ava';
import { planFor } from '../../../src/plan/intent.ts';
import { readRule } from '../../../src/plan/maintaining/read-rule.ts';
import type { Rule } from '../../../src/plan/maintaining/rule.ts';
import { but, notAnswering, type SeenFacts, settled, wanted } from '../facts.ts';
import { outline } from '../outline.ts';
import { sized } from './sized.ts';

const USUAL = 'sizeInUse < 0.55 * size && size > 100MB';
const three = wanted(3);
const MB = 1e6;
const LOOSE = { size: 200 * MB, inUse: 50 * MB };
const TIGHT = { size: 200 * MB, inUse: 190 * MB };

function rule(text: string): Rule {
  const read = readRule(text);
  if ('rule' in read) return read.rule;
  throw new TypeError(read.fault);
}

function plan(
  facts: SeenFacts,
  {
    desired = three,
    when = USUAL,
    members = undefined as readonly string[] | undefined,
    allowDowntime = false,
  } = {},
) {
  return planFor(desired, facts, {
    ...{ kind: 'defragment', members, rule: rule(when), when, seconds: 600, allowDowntime },
  });
}

const turn = (name: string, others: string) => [
  `defragment ${name}`,
  `  before ${others}`,
  `  ${name}:`,
  '    yield-leadership (a leader that takes no requests keeps everybody waiting)',
  '    defragment (150.0 MB of 200.0 MB are free in it)',
  '  gate etcd01 etcd02 etcd03',
];

test('planDefragmentation(): one member after another, the leader last, all answering in between', (t) => {
  t.deepEqual(outline(plan(sized(settled(three), LOOSE))), [
    ...turn('etcd02', 'etcd01 etcd03'),
    ...turn('etcd03', 'etcd01 etcd02'),
    ...turn('etcd01', 'etcd02 etcd03'),
  ]);
});

test('planDefragmentation(): who gains little is left out, and told with its numbers', (t) => {
  const facts = sized(settled(three), { etcd01: TIGHT, etcd02: LOOSE, etcd03: TIGHT });
  const decided = plan(facts);
  t.deepEqual(outline(decided), turn('etcd02', 'etcd01 etcd03'));
  t.deepEqual(decided.notes, [
    `etcd01 is left out: 200.0 MB, 190.0 MB of it in use, quota 2.15 GB; not true of it: ${USUAL}`,
    `etcd03 is left out: 200.0 MB, 190.0 MB of it in use, quota 2.15 GB; not true of it: ${USUAL}`,
  ]);
});

test('planDefragmentation(): only members that are named are looked at', (t) => {
  const decided = plan(sized(settled(three), LOOSE), { members: ['etcd03'] });
  t.deepEqual(outline(decided), turn('etcd03', 'etcd01 etcd02'));
  t.deepEqual(decided.notes, []);
});

test('planDefragmentation(): nothing while a member does not answer', (t) => {
  const facts = but(sized(settled(three), LOOSE), 'etcd03', () => ({
    etcd: notAnswering('refused'),
  }));
  const { waves, refusals } = plan(facts, { members: ['etcd02'] });
  t.deepEqual(waves, []);
  t.deepEqual(
    refusals.map(({ kind, about }) => [kind, about.join()]),
    [['not-answering', 'etcd03']],
  );
});

test('planDefragmentation(): nothing beside a corruption alarm, and all the same beside NOSPACE', (t) => {
  const kinds = (alarm: string) =>
    plan(sized(settled(three), LOOSE, { etcd02: alarm })).refusals.map(({ kind }) => kind);
  t.deepEqual(kinds('CORRUPT'), ['corruption']);
  t.deepEqual(kinds('NOSPACE'), []);
});

for (const count of [1, 2])
  test(`planDefragmentation(): with ${count} of ${count} a stall has to be accepted, unless there is nothing to do`, (t) => {
    const desired = wanted(count);
    const facts = sized(settled(desired), LOOSE);
    t.deepEqual(
      plan(facts, { desired }).refusals.map(({ kind }) => kind),
      ['downtime'],
    );
    t.is(plan(facts, { desired, allowDowntime: true }).waves.length, count);
    t.deepEqual(plan(sized(settled(desired), TIGHT), { desired }).refusals, []);
  });

test('planDefragmentation(): where members do not say what is in use, a rule goes by the size or not at all', (t) => {
  const facts = sized(settled(three), { size: 200 * MB });
  t.deepEqual(outline(plan(facts, { members: ['etcd02'] })), [
    "refused: etcd02: etcd 3.5 does not say how much of its database is in use, so the rule cannot be judged | next: go by the size alone: provision maintain defrag INVENTORY --when 'size > 100MB'",
  ]);
  t.is(plan(facts, { when: 'size > 100MB' }).waves.length, 3);
});

test('planDefragmentation(): a release that corrupts data by it is named, with the patch that does not', (t) => {
  const old = wanted(3, { etcd: { version: '3.5.16' } });
  t.deepEqual(plan(sized(settled(old), LOOSE), { desired: old }).notes, [
    'with etcd 3.5.16 a defragmentation beside a snapshot from the leader can corrupt data (etcd#20653): upgrade to 3.5.33 first, or choose a time with few writes',
  ]);
});
