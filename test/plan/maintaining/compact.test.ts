import test from 'ava';
import { planFor } from '../../../src/plan/intent.ts';
import { stepsOf } from '../../../src/plan/lane.ts';
import type { Kept } from '../../../src/plan/maintaining/compact.ts';
import { but, butAll, notAnswering, type SeenFacts, settled, wanted } from '../facts.ts';
import { outline } from '../outline.ts';
import { sized } from './sized.ts';

const three = wanted(3);
const at = (revision: number) => sized(settled(three), { size: 20_480, revision });

function plan(facts: SeenFacts, keep: Kept) {
  return planFor(three, facts, { kind: 'compact', keep, seconds: 600 });
}

function target(facts: SeenFacts, keep: Kept): number | undefined {
  const step = plan(facts, keep)
    .waves.flatMap(({ lanes }) => stepsOf(lanes))
    .at(-1);
  return step?.kind === 'compact' ? step.revision : undefined;
}

test('planCompaction(): each is asked, so that each has removed it, and it is told who loses what', (t) => {
  const decided = plan(at(5000), { last: 1000 });
  const turn = (revision: number, name: string) => [
    `compact to revision ${revision}`,
    `  ${name}:`,
    '    compact (what keys were before takes space, and nobody is to ask for it any more)',
  ];
  t.deepEqual(outline(decided), [
    ...[...turn(3998, 'etcd02'), ...turn(3999, 'etcd03')],
    ...turn(4000, 'etcd01'),
  ]);
  t.deepEqual(decided.notes, [
    'the cluster is at revision 5000; keys keep their values, but a client that reads or watches from before revision 4000 is told that it has been compacted, and has to read again',
  ]);
});

test('planCompaction(): to the present at most, by the newest that any member tells', (t) => {
  const facts = sized(settled(three), {
    ...{ etcd01: { size: 1, revision: 4990 }, etcd02: { size: 1, revision: 5000 } },
    etcd03: { size: 1, revision: 4995 },
  });
  t.is(target(facts, { last: 0 }), 5000);
  t.is(target(facts, { revision: 5000 }), 5000);
  t.deepEqual(outline(plan(facts, { revision: 5001 })), [
    'refused: prod: is at revision 5000, and cannot be compacted to 5001 | next: give a --revision of at most 5000, or --keep',
  ]);
});

test('planCompaction(): a history that is shorter than what stays is left alone, a short one goes by fewer', (t) => {
  t.is(plan(at(1003), { last: 1000 }).waves.length, 2);
  const { waves, notes } = plan(at(500), { last: 1000 });
  t.deepEqual(waves, []);
  t.deepEqual(notes, ['the cluster is at revision 500: there is no history to give up']);
});

test('planCompaction(): a member that does not answer compacts later; with none there is nobody to ask', (t) => {
  const one = but(at(5000), 'etcd03', () => ({ etcd: notAnswering('refused') }));
  t.is(target(one, { last: 1000 }), 4000);
  t.is(plan(one, { last: 1000 }).notes?.[1], 'etcd03 does not answer; it compacts when it is back');
  const none = butAll(at(5000), () => ({ etcd: notAnswering('refused') }));
  t.deepEqual(
    plan(none, { last: 1000 }).refusals.map(({ kind }) => kind),
    ['not-answering'],
  );
});
