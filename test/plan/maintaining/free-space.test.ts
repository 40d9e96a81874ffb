import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { stepsOf } from '../../../src/plan/lane.ts';
import { alarmProblems } from '../../../src/plan/maintaining/alarms.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, notAnswering, type SeenFacts, settled, stopped, wanted } from '../facts.ts';
import { outline } from '../outline.ts';
import { sized } from './sized.ts';

const three = wanted(3);
const MB = 1e6;
const quota = 100 * MB;
const FULL = { size: 100 * MB, inUse: 95 * MB, quota, revision: 5000 };
const SMALL = { size: 89 * MB, inUse: 20 * MB, quota, revision: 5000 };

function plan(facts: SeenFacts, keep = 0, desired = three) {
  return planFor(desired, facts, {
    ...{ kind: 'free-space', keep, seconds: 600, allowDowntime: false },
  });
}

const titles = (facts: SeenFacts, keep = 0) => plan(facts, keep).waves.map(({ title }) => title);

test('planFreeSpace(): compacts to the present on each, defragments one by one, disarms', (t) => {
  const decided = plan(sized(settled(three), FULL, { etcd02: 'NOSPACE' }));
  t.deepEqual(
    decided.waves.map(({ title }) => title),
    [
      ...['compact to revision 4998', 'compact to revision 4999', 'compact to revision 5000'],
      ...['defragment etcd02', 'defragment etcd03', 'defragment etcd01', 'disarm NOSPACE'],
    ],
  );
  const steps = decided.waves.flatMap(({ lanes }) => stepsOf(lanes));
  t.like(
    steps.find(({ kind }) => kind === 'compact'),
    { revision: 4998 },
  );
  t.like(
    steps.find(({ kind }) => kind === 'defragment'),
    { limit: { quota, most: 90 * MB } },
  );
  t.like(
    steps.find(({ kind }) => kind === 'disarm-nospace'),
    { most: { etcd01: 90 * MB, etcd02: 90 * MB, etcd03: 90 * MB } },
  );
});

test('planFreeSpace(): goes on with those that a killed run has left, and disarms where nobody is full', (t) => {
  const alarm = { etcd02: 'NOSPACE' };
  const half = { etcd01: FULL, etcd02: SMALL, etcd03: FULL };
  t.deepEqual(titles(sized(settled(three), half, alarm), 5000), [
    ...['defragment etcd03', 'defragment etcd01', 'disarm NOSPACE'],
  ]);
  t.deepEqual(titles(sized(settled(three), SMALL, alarm)), ['disarm NOSPACE']);
});

test('planFreeSpace(): makes space before an alarm too; with enough there is nothing to do, and it says so', (t) => {
  t.false(titles(sized(settled(three), FULL)).includes('disarm NOSPACE'));
  const decided = plan(sized(settled(three), SMALL));
  t.deepEqual(decided.waves, []);
  t.is(decided.notes?.[0], 'etcd01: 89.0 MB, 20.0 MB of it in use, quota 100.0 MB');
  t.deepEqual(titles(sized(settled(three), { ...FULL, quota: -1 })), []);
});

test('planFreeSpace(): of one member a stall has to be accepted only while it takes writes', (t) => {
  const one = wanted(1);
  t.deepEqual(
    plan(sized(settled(one), FULL), 0, one).refusals.map(({ kind }) => kind),
    ['downtime'],
  );
  t.deepEqual(plan(sized(settled(one), FULL, { etcd01: 'NOSPACE' }), 0, one).refusals, []);
});

test('planFreeSpace(): nothing while a member does not answer, nor beside a corruption alarm', (t) => {
  const facts = sized(settled(three), FULL, { etcd01: 'NOSPACE' });
  const kinds = (seen: SeenFacts) => plan(seen).refusals.map(({ kind }) => kind);
  t.deepEqual(kinds(but(facts, 'etcd03', () => ({ etcd: notAnswering('refused') }))), [
    'not-answering',
  ]);
  t.deepEqual(kinds(sized(settled(three), FULL, { etcd01: 'NOSPACE', etcd02: 'CORRUPT' })), [
    'corruption',
  ]);
});

test('planFreeSpace() without one that is away: the others of five are defragmented, and the alarm goes', (t) => {
  const five = wanted(5);
  const facts = but(sized(settled(five), FULL, { etcd02: 'NOSPACE' }), 'etcd05', stopped);
  const decided = planFor(five, facts, {
    ...{ kind: 'free-space', keep: 5000, seconds: 600, allowDowntime: false, away: ['etcd05'] },
  });
  t.deepEqual(
    decided.waves.map(({ title }) => title),
    [
      ...['defragment etcd02', 'defragment etcd03', 'defragment etcd04', 'defragment etcd01'],
      'disarm NOSPACE',
    ],
  );
  t.deepEqual(decided.away, ['etcd05']);
  t.deepEqual(decided.left, [
    {
      name: 'etcd05',
      because:
        'away; it has to be defragmented when it is back, and if its database is full it raises NOSPACE again until then',
    },
  ]);
});

test('planFreeSpace() without one of three: the others keep answering, unless a stall is accepted', (t) => {
  const facts = but(sized(settled(three), FULL, { etcd02: 'NOSPACE' }), 'etcd03', stopped);
  const without = (allowDowntime: boolean, seen = facts, away = ['etcd03']) =>
    planFor(three, seen, {
      ...{ kind: 'free-space', keep: 0, seconds: 600, allowDowntime, away },
    });
  const kept = without(false);
  t.deepEqual(
    kept.waves.map(({ title }) => title),
    ['compact to revision 4999', 'compact to revision 5000'],
  );
  t.deepEqual(
    kept.left?.map(({ name }) => name),
    ['etcd03', 'etcd01', 'etcd02'],
  );
  t.is(
    kept.left?.at(-1)?.because,
    'would take no requests meanwhile, and 1 of 3 members would be left, and 2 must answer; --allow-downtime accepts that',
  );
  t.deepEqual(
    without(true).waves.map(({ title }) => title),
    [
      ...['compact to revision 4999', 'compact to revision 5000'],
      ...['defragment etcd02', 'defragment etcd01', 'disarm NOSPACE'],
    ],
  );
  t.deepEqual(
    without(true, sized(settled(three), FULL, { etcd02: 'NOSPACE' })).refusals.map(
      ({ kind }) => kind,
    ),
    ['not-away'],
  );
});

test('planDisarm(): only where every member is below 0.9 of its quota, and never CORRUPT', (t) => {
  const disarm = (facts: SeenFacts) => outline(planFor(three, facts, { kind: 'disarm' }));
  const alarm = { etcd02: 'NOSPACE' };
  t.deepEqual(disarm(sized(settled(three), SMALL, alarm)), [
    'disarm NOSPACE',
    '  etcd01:',
    '    disarm-nospace (it stands until somebody takes it away, and nobody can write meanwhile)',
  ]);
  t.deepEqual(
    disarm(
      sized(
        settled(three),
        { etcd01: SMALL, etcd02: SMALL, etcd03: { ...SMALL, size: 90 * MB } },
        alarm,
      ),
    ),
    [
      'refused: etcd03: 90.0 MB, 20.0 MB of it in use, quota 100.0 MB: the next writes would raise the alarm again | next: make space and disarm it then: provision maintain space INVENTORY',
    ],
  );
  t.regex(disarm(sized(settled(three), SMALL, { etcd02: 'CORRUPT' })).join(), /corruption alarm/);
  t.deepEqual(disarm(sized(settled(three), SMALL)), []);
});

test('alarmProblems(): each alarm by member, with what helps now', (t) => {
  const told = (facts: SeenFacts) =>
    alarmProblems(three, facts).map(({ about, kind, next }) => [
      about.join(),
      kind,
      nextText(next),
    ]);
  t.deepEqual(told(sized(settled(three), FULL, { etcd02: 'NOSPACE' })), [
    [
      'etcd02',
      'no-space-alarm',
      'compact, defragment and disarm: provision maintain space INVENTORY',
    ],
  ]);
  t.deepEqual(told(sized(settled(three), SMALL, { etcd02: 'NOSPACE' })), [
    [
      ...['etcd02', 'no-space-alarm'],
      'every database is below 0.9 of its quota again, so disarm it: provision maintain alarms INVENTORY --disarm',
    ],
  ]);
  t.deepEqual(
    told(sized(settled(three), FULL, { etcd02: 'CORRUPT' })).map(([about, kind]) => [about, kind]),
    [['etcd02', 'corruption']],
  );
  t.deepEqual(
    told(sized(settled(three), FULL, { abcd: 'NOSPACE' })).map(([about]) => about),
    [''],
  );
  t.deepEqual(told(settled(three)), []);
});

/** The same three, and a fourth in the inventory of which etcd's list has these entries. */
function besideFourth(entry: readonly EtcdMember[], alarms: Readonly<Record<string, string>> = {}) {
  const four = wanted(4);
  const facts = sized(settled(four), FULL, alarms);
  const seen = butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: [...etcd.members.members.filter(({ name }) => name !== 'etcd04'), ...entry],
      },
    },
  }));
  return { four, facts: but(seen, 'etcd04', stopped) };
}
const ADDED: EtcdMember = {
  ...{ id: '00000000000000aa', name: '', clientUrls: [], isLearner: true },
  peerUrls: ['https://198.18.0.14:2380'],
};

for (const [what, entry, note] of [
  ['that etcd does not list', [], "etcd04 is not in etcd's list of members: it is left as it is"],
  [
    'that was added and has never started',
    [ADDED],
    "etcd04 is in etcd's list and has never started: it is left as it is",
  ],
] as const)
  test(`planFreeSpace() and its kin: a host ${what} is a note, and keeps nobody from space`, (t) => {
    const { four, facts } = besideFourth(entry, { etcd02: 'NOSPACE' });
    const decided = plan(facts, 0, four);
    t.deepEqual(decided.refusals, []);
    t.is(decided.notes?.[0], note);
    t.deepEqual(
      decided.waves.map(({ title }) => title),
      [
        ...['compact to revision 4998', 'compact to revision 4999', 'compact to revision 5000'],
        ...['defragment etcd02', 'defragment etcd03', 'defragment etcd01', 'disarm NOSPACE'],
      ],
    );
    t.deepEqual(
      decided.target?.members.map(({ name }) => name),
      ['etcd01', 'etcd02', 'etcd03'],
    );
    t.deepEqual(
      planFor(four, facts, { kind: 'compact', keep: { last: 0 }, seconds: 1 }).notes?.[0],
      note,
    );
  });

test('planFreeSpace(): a member that etcd lists and that does not answer is waited for all the same', (t) => {
  const { four, facts } = besideFourth([{ ...ADDED, name: 'etcd04', isLearner: false }]);
  t.deepEqual(
    plan(facts, 0, four).refusals.map(({ kind, about }) => [kind, about.join()]),
    [['not-answering', 'etcd04']],
  );
});
