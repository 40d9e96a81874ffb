import test from 'ava';
import type { Situation, Truth } from '../../src/problem/precondition.ts';
import { inSituation } from '../../src/problem/problem.ts';
import { INVENTORY, offered, onlyIf, provision, remedy } from '../../src/problem/remedy.ts';
import { nextData, nextText, problemData } from '../../src/problem/render.ts';

const AGAIN = remedy`run it again: ${provision('up', INVENTORY)}`;
const UP = onlyIf(AGAIN, { kind: 'upWouldAct' });
const WIPE = onlyIf(remedy`give the data up: ${provision('up', INVENTORY, '--wipe')}`, {
  kind: 'noKeysHere',
});
const MOUNT = remedy`mount the disk of ${'r1'}`;

const says =
  (answers: Partial<Record<string, Truth>>): Situation =>
  ({ kind }) =>
    answers[kind] ?? 'unknown';

test('remedy`` keeps text and commands apart', (t) => {
  t.deepEqual(MOUNT, { parts: ['mount the disk of r1'], requires: [] });
  t.deepEqual(UP, {
    parts: ['run it again: ', { provision: ['up', { place: 'inventory' }] }],
    requires: [{ kind: 'upWouldAct' }],
  });
});

test('nextText() puts the inventory where a command has it, quoted where a shell needs it', (t) => {
  t.is(
    nextText([MOUNT, AGAIN], 'my clusters/a.yaml'),
    "mount the disk of r1; or run it again: provision up 'my clusters/a.yaml'",
  );
  t.is(nextText([AGAIN]), 'run it again: provision up INVENTORY');
  t.is(nextText([remedy`set cluster in ${INVENTORY}`], 'a.yaml'), 'set cluster in a.yaml');
});

test('nextData() gives each command as the words it is called with', (t) => {
  t.deepEqual(nextData([MOUNT, AGAIN], 'a b.yaml'), [
    { do: 'mount the disk of r1', commands: [] },
    { do: "run it again: provision up 'a b.yaml'", commands: [['provision', 'up', 'a b.yaml']] },
  ]);
  t.deepEqual(nextData([remedy`look at ${INVENTORY}`], 'a.yaml'), [
    { do: 'look at a.yaml', commands: [] },
  ]);
});

test('problemData() fills in what a problem does not say', (t) => {
  t.deepEqual(
    problemData({ kind: 'lost', about: [], sentence: 'r1: is lost', next: [MOUNT] }, 'a.yaml'),
    {
      kind: 'lost',
      about: [],
      sentence: 'r1: is lost',
      evidence: [],
      next: [{ do: 'mount the disk of r1', commands: [] }],
    },
  );
});

test('offered() leaves a remedy out whose precondition is false', (t) => {
  t.deepEqual(offered([WIPE, MOUNT], says({ noKeysHere: 'no' })), [MOUNT]);
});

test('offered() leaves of a remedy whose precondition is unknown what to find out', (t) => {
  const asked = remedy`find out whether any member still has keys`;
  t.deepEqual(offered([WIPE, MOUNT, WIPE], says({})), [asked, MOUNT]);
});

test('offered() gives a remedy whose preconditions are all true, and asks no more of it', (t) => {
  t.deepEqual(offered([WIPE], says({ noKeysHere: 'yes' })), [{ ...WIPE, requires: [] }]);
  const both = onlyIf(WIPE, { kind: 'upWouldAct' });
  t.deepEqual(offered([both], says({ noKeysHere: 'yes', upWouldAct: 'no' })), []);
});

test('inSituation() says so where no remedy is safe', (t) => {
  const problem = { kind: 'lost', about: ['r1'], sentence: 'r1: is lost', next: [WIPE] };
  t.deepEqual(inSituation(problem, says({ noKeysHere: 'no' })), {
    kind: 'lost',
    about: ['r1'],
    sentence: 'r1: is lost',
    next: [
      remedy`${'nothing is safe to do by a command now; change nothing and see what each host has'}`,
    ],
  });
});
