import test from 'ava';
import type { DatabaseFact } from '../../../src/facts/data/database.ts';
import { planBoot } from '../../../src/plan/boot.ts';
import { dataTrouble } from '../../../src/plan/refusing/data-trouble.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, settled, stopped, TOKEN, wanted } from '../facts.ts';

const three = wanted();
const off = but(settled(three), 'etcd02', stopped);
const NAME = '0000000000000007-000000000000025d.snap';
const whole: DatabaseFact = {
  size: 61_440,
  meta: { pageSize: 4096, root: 5, pages: 15 },
  index: 605,
  snapshot: { name: NAME, index: 605 },
};

const says = test.macro((t, change: Partial<DatabaseFact>, expected: string | undefined) => {
  const seen = but(off, 'etcd02', () => ({ database: { ...whole, ...change } }));
  const found = seen.members.get('etcd02');
  if (found === undefined) return t.fail();
  const why = expected && `its database (member/snap/db) ${expected}`;
  t.is(dataTrouble(found), why);
  const told = planBoot(three, seen, TOKEN).refusals.map(({ about, sentence }) => [
    about,
    sentence,
  ]);
  t.deepEqual(
    told,
    why === undefined
      ? []
      : [[['etcd02'], `etcd02: ${why}; etcd would end as soon as it is started`]],
  );
});

test('dataTrouble() finds none in a whole one', says, {}, undefined);
test('dataTrouble() finds none in one that is ahead', says, { index: 610 }, undefined);
test('dataTrouble() does not guess', says, { index: undefined }, undefined);
const fresh = { size: 0, meta: undefined, index: undefined, snapshot: undefined };
test('dataTrouble() finds none in an empty one that the log makes again', says, fresh, undefined);
test(
  'dataTrouble() names one without a meta page',
  says,
  { meta: undefined, index: undefined },
  'is damaged: neither of its first two pages can be read',
);
test(
  'dataTrouble() names one that is cut short',
  says,
  { size: 8192, index: undefined },
  'is cut short: 8192 bytes of at least 61440',
);
test(
  'dataTrouble() names one that is older than its log',
  says,
  { index: 150 },
  `is older than its log: it ends at entry 150, and the log goes on from 605 (${NAME})`,
);
for (const [size, word] of [
  [undefined, 'missing'],
  [0, 'empty'],
] as const)
  test(
    `dataTrouble() names one that is ${word} behind a snapshot`,
    says,
    { size, meta: undefined, index: undefined },
    `is ${word}, and the newest snapshot of its log (${NAME}) needs it`,
  );

test('dataTrouble() leaves a member alone that runs', (t) => {
  const found = settled(three).members.get('etcd02');
  if (found === undefined) return t.fail();
  t.is(dataTrouble({ ...found, database: { ...whole, meta: undefined } }), undefined);
});

test('planBoot() restores from the best member where too few have a database to start with', (t) => {
  const bad = { database: { ...whole, meta: undefined } };
  const all = ['etcd01', 'etcd03'].reduce((facts, name) => but(facts, name, stopped), off);
  const seen = ['etcd02', 'etcd03'].reduce((facts, name) => but(facts, name, () => bad), all);
  const { refusals } = planBoot(three, seen, TOKEN);
  t.deepEqual(
    refusals.map(({ next }) => nextText(next)),
    Array(2).fill(
      'with the quorum lost for good: provision restore INVENTORY --from-member etcd01',
    ),
  );
});

test('dataTrouble() names a log whose beginning is overwritten, and who takes its place', (t) => {
  const seen = but(off, 'etcd02', ({ data }) => ({ data: data && { ...data, wal: undefined } }));
  t.deepEqual(
    planBoot(three, seen, TOKEN).refusals.map(({ sentence, next }) => [sentence, nextText(next)]),
    [
      [
        'etcd02: its data is damaged: the beginning of its write-ahead log cannot be read; etcd would end as soon as it is started',
        'if etcd02 is lost for good: provision member replace INVENTORY etcd02; or while etcd02 is away, keep the others running, and save what they hold: provision snapshot save INVENTORY',
      ],
    ],
  );
});
