import test from 'ava';
import type { DatabaseFact } from '../../../src/facts/database.ts';
import { planBoot } from '../../../src/plan/boot.ts';
import { databaseTrouble } from '../../../src/plan/refusing/database.ts';
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
  t.is(databaseTrouble(found), why);
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

test('databaseTrouble() finds none in a whole one', says, {}, undefined);
test('databaseTrouble() finds none in one that is ahead', says, { index: 610 }, undefined);
test('databaseTrouble() does not guess', says, { index: undefined }, undefined);
const fresh = { size: 0, meta: undefined, index: undefined, snapshot: undefined };
test(
  'databaseTrouble() finds none in an empty one that the log makes again',
  says,
  fresh,
  undefined,
);
test(
  'databaseTrouble() names one without a meta page',
  says,
  { meta: undefined, index: undefined },
  'is damaged: neither of its first two pages can be read',
);
test(
  'databaseTrouble() names one that is cut short',
  says,
  { size: 8192, index: undefined },
  'is cut short: 8192 bytes of at least 61440',
);
test(
  'databaseTrouble() names one that is older than its log',
  says,
  { index: 150 },
  `is older than its log: it ends at entry 150, and the log goes on from 605 (${NAME})`,
);
for (const [size, word] of [
  [undefined, 'missing'],
  [0, 'empty'],
] as const)
  test(
    `databaseTrouble() names one that is ${word} behind a snapshot`,
    says,
    { size, meta: undefined, index: undefined },
    `is ${word}, and the newest snapshot of its log (${NAME}) needs it`,
  );

test('databaseTrouble() leaves a member alone that runs', (t) => {
  const found = settled(three).members.get('etcd02');
  if (found === undefined) return t.fail();
  t.is(databaseTrouble({ ...found, database: { ...whole, meta: undefined } }), undefined);
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
