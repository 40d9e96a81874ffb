import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { decide } from '../../../src/plan/decision.ts';
import type { Gate } from '../../../src/plan/gate.ts';
import { laneName, placed } from '../../../src/plan/lane.ts';
import {
  besideReplacement,
  offerReplacement,
} from '../../../src/plan/membership/offer-replacement.ts';
import { planReplace } from '../../../src/plan/membership/replace.ts';
import { isWell } from '../../../src/plan/membership/replacing.ts';
import { noCorruption } from '../../../src/plan/refusing/corruption.ts';
import { remedies } from '../../../src/plan/refusing/remedies.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  emptyData,
  FRESH,
  incarnationOf,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from '../facts.ts';

const three = wanted(3);
const whole = settled(three);
const FORMER = 'b369b8bf19815147';
const SUCCESSOR = '00000000000000aa';

const planned = (facts: SeenFacts, { desired = three, force = false, member = 'etcd03' } = {}) =>
  planReplace(desired, facts, { member, force, freshToken: FRESH, allowDowntime: false });

/** Title, host and kinds of steps of each wave. */
const outline = (facts: SeenFacts, options: Parameters<typeof planned>[1] = {}) => {
  const { waves, refusals } = planned(facts, options);
  const told = refusals.map(({ sentence, next }) => `${sentence} / ${nextText(next)}`);
  return [
    ...told,
    ...waves.map(({ title, lanes }) =>
      [
        title,
        ...lanes.map(
          (lane) => `${laneName(lane)}: ${lane.steps.map(({ kind }) => kind).join(' ')}`,
        ),
      ].join(' | '),
    ),
  ];
};

/** The list that etcd holds, changed. */
const listed = (facts: SeenFacts, change: (member: EtcdMember) => readonly EtcdMember[]) =>
  butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: etcd.members.members.flatMap(change),
      },
    },
  }));

const gone = (found: MemberFacts): Partial<MemberFacts> => ({ ...stopped(found), data: emptyData });
const lost = but(whole, 'etcd03', gone);
const removed = (member: EtcdMember) => (member.id === FORMER ? [] : [member]);
const announced = (member: EtcdMember) =>
  member.id === FORMER
    ? [{ ...member, id: SUCCESSOR, name: '', clientUrls: [], isLearner: true }]
    : [member];

const ADD = 'add etcd03 | etcd03: dial-peers add-member start-unit await-joined promote-member';
const BRING = 'bring what etcd03 needs | etcd03: dial-peers';
const REMOVE = 'take the former etcd03 out | etcd01: remove-member';

test('one that is lost is taken out of the list before another is added in its place', (t) => {
  t.deepEqual(outline(lost), [
    BRING,
    REMOVE,
    'clear the place of etcd03 | etcd03: move-aside prepare-host',
    ADD,
  ]);
});

test('no other member is asked to do anything but to change the list, and all others answer meanwhile', (t) => {
  const { waves } = planned(lost);
  const kinds = waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ place, step }) => (place === 'etcd03' ? [] : [step.kind])),
  );
  t.deepEqual(kinds, ['remove-member']);
  t.deepEqual(
    waves.flatMap(({ before = [], gate }) =>
      [before, gate].flatMap((gates) => gates[0]?.members.join(' ') ?? []),
    ),
    [...['etcd01 etcd02', 'etcd01 etcd02', 'etcd01 etcd02'], 'etcd01 etcd02 etcd03'],
  );
});

test('what a killed run has done is not done again', (t) => {
  const out = listed(lost, removed);
  t.deepEqual(outline(out), [
    BRING,
    'clear the place of etcd03 | etcd03: move-aside prepare-host',
    ADD,
  ]);
  const added = listed(
    but(whole, 'etcd03', (found) => ({ ...stopped(found), data: undefined })),
    announced,
  );
  t.deepEqual(outline(added), [
    'bring programs to etcd03 | etcd03: prepare-host',
    'add etcd03 | etcd03: start-unit await-joined promote-member',
  ]);
});

test('the data of the former member goes out of the way of one that is in the list already', (t) => {
  const added = listed(but(whole, 'etcd03', stopped), announced);
  t.deepEqual(outline(added), [
    BRING,
    'clear the place of etcd03 | etcd03: move-aside prepare-host',
    'add etcd03 | etcd03: start-unit await-joined promote-member',
  ]);
});

test('one that answers is replaced only where that is said', (t) => {
  const { waves, refusals, notes } = planned(whole);
  t.deepEqual(
    { waves, refusals, notes },
    {
      ...{ waves: [], refusals: [] },
      notes: [
        `etcd03 answers, as member ${FORMER}: nothing is to be replaced; with --force it is replaced although it answers`,
      ],
    },
  );
  t.deepEqual(outline(whole, { force: true }), [
    BRING,
    REMOVE,
    'clear the place of etcd03 | etcd03: stop-unit move-aside prepare-host',
    ADD,
  ]);
  t.true(isWell(three, whole, 'etcd03'));
  t.false(isWell(three, lost, 'etcd03'));
});

test('at another address the former host is retired, and the others name the new one', (t) => {
  const moved = {
    ...three,
    members: wanted(4).members.flatMap((member) =>
      member.name === 'etcd04'
        ? [{ ...member, name: 'etcd03' }]
        : member.name === 'etcd03'
          ? []
          : [member],
    ),
  };
  const facts: SeenFacts = {
    ...whole,
    members: new Map(
      [...whole.members].map(([name, found]) => [
        name,
        name === 'etcd03' ? (bare(three).members.get(name) ?? found) : found,
      ]),
    ),
  };
  const lines = outline(facts, { desired: moved });
  t.true(
    lines.includes('retire the former host of etcd03 | etcd01: retire-host'),
    lines.join('\n'),
  );
  t.deepEqual(lines.at(-1), 'record where etcd03 is | etcd01: write-files | etcd02: write-files');
  // A killed run has taken it out, and the former host is known from the others' etcd.conf.
  const again = outline(listed(facts, removed), { desired: moved });
  t.false(again.some((line) => line.includes('remove-member')));
  t.true(
    again.includes('retire the former host of etcd03 | etcd01: retire-host'),
    again.join('\n'),
  );
});

test('nobody is replaced where the others are no quorum without it', (t) => {
  const facts = but(lost, 'etcd02', stopped);
  const [sentence = ''] = outline(facts);
  t.regex(
    sentence,
    /^etcd03 cannot be replaced now: without it 2 of 2 must answer, 1 does: no quorum/,
  );
});

test('where nobody answers, those that have their data come first', (t) => {
  t.deepEqual(outline(butAll(lost, stopped)), [
    'etcd03 cannot be replaced now: no member answers, and only a cluster with a quorum can change its list of members / without etcd03, start the others: provision up INVENTORY --limit etcd01,etcd02; or bring the others back first: provision doctor INVENTORY',
  ]);
  const alone = but(butAll(lost, stopped), 'etcd02', gone);
  const [sentence = ''] = outline(alone);
  t.regex(
    sentence,
    /with the quorum lost for good: provision restore INVENTORY --from-member etcd01/,
  );
});

test('nobody who answers is to be given up for one that does not', (t) => {
  const five = wanted(5);
  const facts = but(settled(five), 'etcd05', stopped);
  t.deepEqual(outline(facts, { desired: five, force: true }), [
    'etcd03 cannot be replaced now: etcd05 does not answer, and while one member is replaced all others must / provision doctor INVENTORY says why; or if etcd05 is lost for good: take etcd05 out of the inventory, then provision up INVENTORY --remove 72bcabc74fe5a2d6; put back into the inventory, provision up INVENTORY adds it',
  ]);
  t.deepEqual(planned(facts, { desired: five }).refusals, []);
});

test('of two that are lost both are named', (t) => {
  const five = wanted(5);
  const two = but(but(settled(five), 'etcd03', gone), 'etcd05', stopped);
  t.regex(
    outline(two, { desired: five })[0] ?? '',
    /^etcd03 cannot be replaced now: etcd05 does not answer either, and while one member is replaced all others must .* if etcd03, etcd05 are lost for good: .* --remove b369b8bf19815147,/,
  );
});

test('a newcomer waits until the lost one is replaced', (t) => {
  const four = wanted(4);
  const beside: SeenFacts = {
    ...lost,
    store: settled(four).store,
    members: new Map([...bare(four).members, ...lost.members]),
  };
  t.deepEqual(outline(beside, { desired: four }), [
    'etcd03 cannot be replaced now: etcd04 is not in the cluster yet, and one member joins at a time / take etcd04 out of the inventory',
  ]);
  const coming = listed(lost, (member) => [{ ...member, isLearner: member.name === 'etcd02' }]);
  t.regex(
    outline(coming)[0] ?? '',
    /etcd02 is in the list without a vote, and one member joins at a time \/ take etcd02 out of the list: provision etcdctl INVENTORY -- member remove [0-9a-f]{16}; then out of the inventory/,
  );
});

test('one that was announced and has nothing yet is brought what it needs', (t) => {
  const fresh: SeenFacts = {
    ...whole,
    members: new Map(
      [...whole.members].map(([name, found]) => [
        name,
        name === 'etcd03' ? (bare(three).members.get(name) ?? found) : found,
      ]),
    ),
  };
  const [first = '', second = ''] = outline(listed(fresh, announced));
  t.regex(first, /^bring programs to etcd03 \| etcd03: prepare-host/);
  t.regex(second, /^add etcd03 \| etcd03: .*start-unit await-joined promote-member$/);
});

test('at another address, which may be one of the same host, its unit is enabled again', (t) => {
  const address = wanted(3, {
    members: ['etcd01', 'etcd02', 'etcd03'].map((name, at) => ({
      ...{ name, address: `198.18.0.${name === 'etcd03' ? 99 : 11 + at}` },
    })),
  });
  const lines = outline(lost, { desired: address });
  t.true(
    lines.includes('retire the former host of etcd03 | etcd01: retire-host'),
    lines.join('\n'),
  );
  t.true(
    lines.some((line) => /^add etcd03 .*enable-unit/.test(line)),
    lines.join('\n'),
  );
});

test('a stranger in the list is settled first, and a name that nobody has is refused', (t) => {
  const stranger = { id: '00000000000000bb', name: 'etcd09', isLearner: false };
  const urls = { peerUrls: ['https://198.18.0.19:2380'], clientUrls: ['https://198.18.0.19:2379'] };
  const more = listed(lost, (member) =>
    member.name === 'etcd01' ? [member, { ...stranger, ...urls }] : [member],
  );
  t.regex(outline(more)[0] ?? '', /that the inventory does not name|without it 2 of 3 must answer/);
  t.deepEqual(outline(whole, { member: 'etcd08' }), [
    'prod has no member etcd08 / name one of etcd01, etcd02, etcd03',
  ]);
});

/** The facts with alarms that every member tells, by the ids they name; nobody is zero. */
const alarmed = (facts: SeenFacts, ...ids: readonly string[]) =>
  butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      status: etcd.status && {
        ...etcd.status,
        errors: ids.map((id) =>
          /^0*$/.test(id) ? 'alarm:CORRUPT ' : `memberID:${BigInt(`0x${id}`)} alarm:CORRUPT `,
        ),
      },
    },
  }));
const idOf = (name: string) => whole.members.get(name)?.etcd.status?.memberId ?? '';
const holding = (facts: SeenFacts, name: string, revision: number) =>
  but(facts, name, ({ etcd }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, revision } },
  }));
const DISARM = 'disarm the alarm of a member that has left | etcd01: forget-alarms';
const FAR = 1_000_000;

test('one that etcd calls corrupt is replaced, and its alarm ended before anybody is waited for', (t) => {
  const corrupt = alarmed(whole, FORMER);
  t.false(isWell(three, corrupt, 'etcd03'));
  t.deepEqual(outline(corrupt), [
    BRING,
    `${REMOVE} forget-alarms`,
    'clear the place of etcd03 | etcd03: stop-unit move-aside prepare-host',
    ADD,
  ]);
  const removal = planned(corrupt).waves.find(({ title }) => /^take/.test(title));
  const borne = (gates: readonly Gate[] = []) =>
    gates.flatMap((gate) => (gate.kind === 'no-alarm' ? [gate.ended ?? []] : []));
  t.deepEqual([borne(removal?.before), borne(removal?.gate)], [[[FORMER]], [[]]]);
});

test('the leader that etcd calls corrupt is taken out by another', (t) => {
  const corrupt = alarmed(whole, idOf('etcd01'));
  t.deepEqual(
    outline(corrupt, { member: 'etcd01' })[1],
    ['take the former etcd01 out | etcd02: remove-member forget-alarms'][0],
  );
});

test('one that etcd calls corrupt, and that does not answer any more, is replaced', (t) => {
  t.true(outline(alarmed(lost, FORMER)).includes(`${REMOVE} forget-alarms`));
});

test('a killed run has taken the corrupt one out, and its alarm still stands', (t) => {
  t.deepEqual(outline(alarmed(listed(lost, removed), FORMER)), [
    BRING,
    DISARM,
    'clear the place of etcd03 | etcd03: move-aside prepare-host',
    ADD,
  ]);
  const added = listed(
    but(whole, 'etcd03', (found) => ({ ...stopped(found), data: undefined })),
    announced,
  );
  t.deepEqual(outline(alarmed(added, FORMER)), [
    DISARM,
    'bring programs to etcd03 | etcd03: prepare-host',
    'add etcd03 | etcd03: start-unit await-joined promote-member',
  ]);
});

test('whom etcd calls corrupt is known by its alarms alone, and nobody else is replaced meanwhile', (t) => {
  const first = (facts: SeenFacts, options: Parameters<typeof planned>[1] = {}) =>
    planned(facts, options).refusals.map(({ kind, about }) => [kind, ...about].join(' '));
  // Another one, several, nobody, and one that users only are told of.
  t.deepEqual(first(alarmed(lost, idOf('etcd02'))), ['corruption etcd02']);
  t.deepEqual(first(alarmed(whole, FORMER, idOf('etcd02'))), [
    'corruption etcd03',
    'corruption etcd02',
  ]);
  t.deepEqual(first(alarmed(whole, idOf('etcd02'), '0'), { force: true }), [
    'corruption',
    'corruption etcd02',
  ]);
  const withheld = butAll(lost, ({ etcd }) => ({
    etcd: { ...etcd, status: undefined, alarmKinds: ['CORRUPT'] },
  }));
  t.deepEqual(first(withheld), ['corruption']);
});

test('one that holds more than the others is not taken for the corrupt one, unless that is said', (t) => {
  const ahead = holding(alarmed(whole, FORMER), 'etcd03', FAR);
  t.regex(
    outline(ahead)[0] ?? '',
    /^etcd03 is not replaced: etcd calls it corrupt, but it holds more than the others \(revision 1000000, they \d+\): .* if what etcd03 holds may be given up \(it is moved aside, not deleted\): provision member replace INVENTORY etcd03 --force$/,
  );
  t.true(outline(ahead, { force: true }).includes(`${REMOVE} forget-alarms`));
  const behind = holding(alarmed(whole, FORMER), 'etcd03', 1);
  t.deepEqual(planned(behind).refusals, []);
});

test('an alarm that names nobody is ended with a member that is said to be the one', (t) => {
  const facts = alarmed(whole, '0');
  t.false(isWell(three, facts, 'etcd03'));
  t.is(
    outline(facts)[0],
    'etcd03 is not replaced: the corruption alarm names no member, so only what members hold says which one differs from the others / keep all members as they are, and save what each of the others holds: provision snapshot save INVENTORY --member etcd01 (likewise etcd02); or if what etcd03 holds may be given up (it is moved aside, not deleted): provision member replace INVENTORY etcd03 --force',
  );
  t.true(outline(facts, { force: true }).includes(`${REMOVE} forget-alarms`));
  // Who is lost holds nothing, and what a killed run has taken out is not given up again.
  t.true(outline(alarmed(lost, '0')).includes(`${REMOVE} forget-alarms`));
  t.true(outline(alarmed(listed(lost, removed), '0')).includes(DISARM));
  const found = noCorruption(three, facts);
  const told = offerReplacement(three, facts, found, { member: 'etcd03', others: 'same' });
  t.deepEqual(
    told.map(({ evidence, next }) => [evidence, next.at(-1)]),
    [
      [
        ['etcd03 differs from the others, which hold the same'],
        remedies.replaceAllTheSame('etcd03'),
      ],
    ].map(([evidence, next]) => [evidence, { ...next, requires: [] }]),
  );
});

test('of two members nobody can say which is the corrupt one', (t) => {
  const two = wanted(2);
  const facts = settled(two);
  const id = facts.members.get('etcd02')?.etcd.status?.memberId ?? '';
  const told = outline(alarmed(facts, id), { desired: two, member: 'etcd02' });
  t.regex(told[0] ?? '', /with one other member alone nobody can say which of the two is right/);
});

test('up, doctor and status offer the replacement where it would be done, and nowhere else', (t) => {
  const five = wanted(5);
  const rows: readonly (readonly [SeenFacts, string | undefined, typeof three])[] = [
    [alarmed(whole, FORMER), 'etcd03', three],
    [alarmed(whole, idOf('etcd01')), 'etcd01', three],
    [alarmed(lost, FORMER), 'etcd03', three],
    [alarmed(whole, FORMER, idOf('etcd02')), undefined, three],
    [alarmed(whole, FORMER, '0'), undefined, three],
    [alarmed(whole, '0'), undefined, three],
    [alarmed(but(settled(five), 'etcd05', stopped), FORMER), undefined, five],
    [alarmed(but(whole, 'etcd02', stopped), FORMER), undefined, three],
  ];
  for (const [facts, member, desired] of rows) {
    const { refusals } = planCluster(desired, facts, {
      ...UP,
    });
    const told = refusals.map(({ next }) => nextText(next)).join('\n');
    const named = [
      ...new Set([...told.matchAll(/member replace INVENTORY ([^\s;]+)/g)].map(([, name]) => name)),
    ];
    t.deepEqual(named, member === undefined ? [] : [member], told);
    if (member !== undefined) t.deepEqual(planned(facts, { desired, member }).refusals, []);
    const found = noCorruption(desired, facts);
    t.true(found.length > 0);
    const suspect = { member: member ?? 'etcd03', others: 'differ' } as const;
    t.deepEqual(offerReplacement(desired, facts, found, suspect), found);
  }
});

test('one that differs without an alarm may be given up for the others, unless a log of theirs is another than was recorded', (t) => {
  const difference = { kind: 'data-differs', about: [], sentence: 'they differ', next: [] };
  const next = (facts: SeenFacts, others: 'same' | 'differ' = 'same') =>
    nextText(besideReplacement(three, facts, difference, { member: 'etcd03', others }).next);
  t.is(
    next(whole),
    'if what etcd03 holds may be given up (it is moved aside, not deleted): provision member replace INVENTORY etcd03 --force',
  );
  t.is(next(whole, 'differ'), '');
  const incarnation = incarnationOf(three, 'etcd02');
  const forgotten = but(whole, 'etcd02', () => ({
    incarnation: { ...incarnation, sha256: 'another' },
  }));
  t.is(next(forgotten), '');
});

test('the alarm of a member that has left is ended by up, and refused by whatever else changes members', (t) => {
  const facts = alarmed(whole, SUCCESSOR);
  const { refusals, waves } = planCluster(three, facts, UP);
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves.map(({ title, lanes }) => `${title} | ${lanes[0]?.steps.map(({ kind }) => kind)}`),
    ['disarm the alarm of a member that has left | forget-alarms'],
  );
  t.deepEqual(
    decide(three, facts, { freshToken: FRESH }).refusals.map(
      ({ sentence, next }) => `${sentence} / ${nextText(next)}`,
    ),
    [
      `prod: the corruption alarm of a member that has left still stands (${SUCCESSOR}), so etcd takes no writes / see what up would do: provision plan INVENTORY; or when all members hold the same (provision doctor INVENTORY compares them): provision etcdctl INVENTORY -- alarm disarm`,
    ],
  );
});
