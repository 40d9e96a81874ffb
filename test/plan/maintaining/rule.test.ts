import test from 'ava';
import { readRule } from '../../../src/plan/maintaining/read-rule.ts';
import { awkOf, holds, namesIn, type Rule } from '../../../src/plan/maintaining/rule.ts';

function rule(text: string): Rule {
  const read = readRule(text);
  if ('fault' in read) throw new TypeError(`${read.column}: ${read.fault}`);
  return read.rule;
}

const HALF = { size: 200e6, sizeInUse: 100e6, free: 100e6, quota: 2e9 };
const FULL = { ...HALF, sizeInUse: 190e6, free: 10e6 };
const SMALL = { ...HALF, size: 20e6, sizeInUse: 1e6, free: 19e6 };

test('holds() of the default rule: much to gain, and not of next to nothing', (t) => {
  const usual = rule('sizeInUse < 0.55 * size && size > 100MB');
  t.deepEqual(
    [HALF, FULL, SMALL].map((sizes) => holds(usual, sizes)),
    [true, false, false],
  );
});

for (const [text, expected] of [
  ['free > 99MB', true],
  ['free > 100MB', false],
  ['free >= 100MB', true],
  ['free == 100MB', true],
  ['free != 100MB', false],
  ['size <= 200MB', true],
  ['size < 200MB', false],
  ['size > 190.7MiB', true],
  ['size > 0.2GB', false],
  ['size > 195312kB', true],
  ['free / size > 0.4', true],
  ['size - sizeInUse > 1 && size > 1GB || quota > 1GiB', true],
  ['size > 1GB && (size - sizeInUse > 1 || quota > 1GiB)', false],
  ['size > 0.1 * quota', false],
  ['(free + free) * 2 == 2 * size', true],
  ['size-100MB-100MB == 0', true],
  ['size / 2 / 2 == 50MB', true],
] as const)
  test(`holds(): ${text}`, (t) => {
    t.is(holds(rule(text), HALF), expected);
  });

for (const [text, column, fault] of [
  ['', 1, 'a size is missing at the end'],
  ['size >', 7, 'a size is missing at the end'],
  ['size > 100XB', 11, 'XB is not a unit: write kB, MB, GB, KiB, MiB or GiB'],
  ['dbSize > 1', 1, 'dbSize is not known: a rule names size, sizeInUse, free, quota'],
  ['size > 1 & free > 1', 10, '& is not known in a rule'],
  ['size > 1; rm', 9, '; is not known in a rule'],
  ['size > 1 free > 1', 10, 'an operator is missing before free'],
  ['size > 1)', 9, 'an operator is missing before )'],
  ['(size > 1', 10, 'the ( of column 1 is not closed'],
  ['size', 1, 'a comparison is missing, such as size > 100MB'],
  ['size && free > 1', 6, 'a comparison is missing, such as size > 100MB'],
  ['1 < size < 2', 10, '< stands between sizes, not beside a comparison'],
  ['size > && free > 1', 8, 'a size is missing before &&'],
  ['size > -1', 8, 'a size is missing before -'],
] as const)
  test(`readRule() says at which column it is wrong: ${text}`, (t) => {
    t.deepEqual(readRule(text), { column, fault });
  });

test('namesIn() gives each size that must be known, and awkOf() the rule with them as variables', (t) => {
  const usual = rule('sizeInUse < 0.55 * size && size > 100MB');
  t.deepEqual([...namesIn(usual)].sort(), ['size', 'sizeInUse']);
  t.is(awkOf(usual), '((sizeInUse < (0.55 * size)) && (size > 100000000))');
});
