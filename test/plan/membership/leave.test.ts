import test from 'ava';
import { foundMembers } from '../../../src/observed/found.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { laneName, stepsOf } from '../../../src/plan/lane.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, butAll, FRESH, type SeenFacts, settled, stopped, wanted } from '../facts.ts';

const three = wanted(3);
const four = wanted(4);
const LOST = {
  ...{ id: '00000000000000bb', name: 'etcd09', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.19:2380'], clientUrls: ['https://198.18.0.19:2379'] },
};

/** The inventory's members run, and the list that etcd holds has one more. */
const withStranger = (facts: SeenFacts, answers: boolean): SeenFacts => ({
  ...butAll(facts, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: [...etcd.members.members, LOST] },
    },
  })),
  ...(answers && { answeringStrangers: new Set([LOST.id]) }),
});

const planned = (desired: typeof three, facts: SeenFacts, ...removes: readonly string[]) =>
  planCluster(desired, facts, { freshToken: FRESH, wipe: false, allowDowntime: false, removes });

const refused = (facts: SeenFacts, ...removes: readonly string[]) =>
  planned(three, facts, ...removes).refusals.map(({ sentence, next }) => [
    sentence,
    nextText(next),
  ]);

test('a member that the inventory leaves out stays until somebody says that it is to go', (t) => {
  t.deepEqual(refused(withStranger(settled(three), true)), [
    [
      'the running cluster has a member etcd09 at https://198.18.0.19:2380 that the inventory does not name; it counts: 3 of 4 must answer',
      'put etcd09 with its address (https://198.18.0.19:2380) into the inventory; or if etcd09 is to leave the cluster, or its host is gone for good: provision up INVENTORY --remove etcd09',
    ],
  ]);
});

for (const by of ['etcd09', LOST.id])
  test(`a member is removed by ${by}, while all others answer, through the leader`, (t) => {
    const { waves } = planned(three, withStranger(settled(three), true), by);
    t.deepEqual(
      waves.map(({ title, before = [], lanes, gate, undo }) => ({
        title,
        before: before.map(({ members }) => members.join(' '))[0],
        steps: lanes.map((lane) => [laneName(lane), lane.steps.map(({ kind }) => kind)]),
        gate: gate.map(({ members }) => members.join(' '))[0],
        undo,
      })),
      [
        {
          title: 'remove etcd09',
          before: 'etcd01 etcd02 etcd03',
          steps: [['etcd01', ['remove-member', 'retire-host']]],
          gate: 'etcd01 etcd02 etcd03',
          undo: [],
        },
      ],
    );
  });

test('one that leaves is waited for until nobody lists it', (t) => {
  const { waves } = planned(three, withStranger(settled(three), true), 'etcd09');
  t.deepEqual(
    waves.flatMap(({ gate }) => gate.at(-1) ?? []),
    [
      {
        ...{ kind: 'not-listed', members: ['etcd01', 'etcd02', 'etcd03'] },
        ...{ member: 'etcd09', id: LOST.id },
      },
    ],
  );
});

const around = (answers: boolean): SeenFacts => {
  const facts = withStranger(settled(three), answers);
  const store = settled(four).store;
  return { ...facts, store, members: new Map([...bare(four).members, ...facts.members]) };
};

test('one that is down goes before a newcomer comes, which never hears of it', (t) => {
  const { waves } = planned(four, around(false), 'etcd09');
  const titles = waves.map(({ title }) => title).filter((title) => /^(add|remove) /.test(title));
  t.deepEqual(titles, ['remove etcd09', 'add etcd04']);
  t.false(JSON.stringify(waves).includes('etcd09=https://198.18.0.19:2380'));
});

test('one that answers goes once the newcomer has come, which starts beside it', (t) => {
  const { waves } = planned(four, around(true), 'etcd09');
  const titles = waves.map(({ title }) => title).filter((title) => /^(add|remove) /.test(title));
  t.deepEqual(titles, ['add etcd04', 'remove etcd09']);
  t.true(JSON.stringify(waves).includes('etcd09=https://198.18.0.19:2380'));
});

test('one that the inventory names is not removed', (t) => {
  t.deepEqual(refused(withStranger(settled(three), true), 'etcd02'), [
    [
      'etcd02 is in the inventory, and only a member that is not can be removed',
      'take etcd02 out of the inventory first',
    ],
  ]);
});

test('of two with one name the id says which is meant, however it is written', (t) => {
  const twice = butAll(withStranger(settled(three), true), ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && {
        ...etcd.members,
        members: [...etcd.members.members, { ...LOST, id: '00000000000000cc' }],
      },
    },
  }));
  const [first] = refused(twice, 'etcd09');
  t.regex(first?.[0] ?? '', /^2 members that the inventory does not name are called etcd09/);
  const titles = planned(three, twice, 'BB', 'cc').waves.map(({ title }) => title);
  t.deepEqual(titles, ['remove etcd09', 'remove etcd09']);
});

test('one that is gone already is no reason to refuse what else is to be done', (t) => {
  const { refusals, notes } = planned(three, settled(three), 'etcd07');
  t.deepEqual(refusals, []);
  t.deepEqual(notes, [
    "etcd07 is not in the cluster, whose members are etcd01, etcd02, etcd03; if a run that removed it was cut off, type on its host: grep -qxF '# provision: cluster prod, member etcd07' /etc/etcd/etcd.conf && systemctl disable --now etcd $(cd /etc/systemd/system && grep -lsxF '# provision: cluster prod, member etcd07' etcd-snapshot.timer etcd-maintain.timer) && mv -T /var/lib/etcd /var/lib/etcd.removed",
  ]);
});

test('nobody is removed whom the quorum needs', (t) => {
  const two = but(withStranger(settled(three), true), 'etcd03', stopped);
  const without = but(two, 'etcd02', stopped);
  t.regex(
    refused(without, 'etcd09')[0]?.[0] ?? '',
    /^etcd09 cannot be removed: without it 2 of 3 must answer, 1 does/,
  );
  t.deepEqual(refused(two, 'etcd09'), []);
});

test('member remove-stranger does that alone, also beside a member that is down, and nothing to any other', (t) => {
  const strange = withStranger(settled(three), false);
  for (const [facts, answering] of [
    [strange, 'etcd01 etcd02 etcd03'],
    [withStranger(but(settled(three), 'etcd03', stopped), true), 'etcd01 etcd02'],
  ] as const) {
    const { waves, refusals } = planFor(three, facts, {
      ...{ kind: 'remove-stranger', member: 'etcd09' },
    });
    t.deepEqual(refusals, []);
    t.deepEqual(
      waves.flatMap(({ lanes, gate }) => [
        ...lanes.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
        ...gate.map(({ members }) => members.join(' ')).slice(0, 1),
      ]),
      ['remove-member', 'retire-host', answering],
    );
  }
});

test('member remove-stranger takes nobody whom the quorum needs, and no member of the inventory', (t) => {
  const down = withStranger(but(but(settled(three), 'etcd03', stopped), 'etcd02', stopped), true);
  for (const [facts, member, why] of [
    [down, 'etcd09', /^etcd09 cannot be removed: without it 2 of 3 must answer, 1 does/],
    [settled(three), 'etcd02', /^etcd02 is in the inventory, and only a member that is not/],
  ] as const) {
    const { waves, refusals } = planFor(three, facts, { kind: 'remove-stranger', member });
    t.deepEqual(waves, []);
    t.regex(refusals[0]?.sentence ?? '', why);
  }
  const { notes = [] } = planFor(three, settled(three), {
    ...{ kind: 'remove-stranger', member: 'etcd08' },
  });
  t.regex(
    notes[0] ?? '',
    /^etcd08 is not in the cluster, whose members are etcd01, etcd02, etcd03/,
  );
});

test('the host of a member that left, with data of that member, is retired; any other is left alone', (t) => {
  const facts = settled(three);
  const { clusterId = '' } =
    foundMembers(facts).flatMap(([, { etcd }]) => etcd.members ?? [])[0] ?? {};
  const left = { member: 'etcd09', address: '198.18.0.19', clusterId, memberId: LOST.id };
  const titles = (one: Partial<typeof left>, ...removes: readonly string[]) =>
    planned(three, { ...facts, removedHosts: [{ ...left, ...one }] }, ...removes).waves.map(
      ({ title }) => title,
    );
  t.deepEqual(titles({}, 'etcd09'), ['retire the host of etcd09']);
  const plan = planned(three, { ...facts, removedHosts: [left] }, 'etcd09');
  t.is(plan.notes, undefined);
  t.like(plan.waves.flatMap(({ lanes }) => stepsOf(lanes))[0], {
    ...{ kind: 'retire-host', member: 'etcd09', address: '198.18.0.19' },
  });
  t.deepEqual(titles({}, 'etcd08'), []);
  t.deepEqual(titles({ clusterId: '00000000000000cc' }, 'etcd09'), []);
  const listed = foundMembers(facts).flatMap(([, { etcd }]) => etcd.members?.members ?? [])[0];
  t.deepEqual(titles({ memberId: listed?.id ?? '' }, 'etcd09'), []);
  t.deepEqual(titles({ member: 'etcd01' }, 'etcd01'), []);
});
