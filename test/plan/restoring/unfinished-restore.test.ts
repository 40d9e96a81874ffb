import test from 'ava';
import {
  type RestoreIntent,
  type RestoreOrder,
  writeIntent,
} from '../../../src/facts/data/restore-intent.ts';
import { intentFact, readIntent } from '../../../src/facts/data/unfinished-intent.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { unfinishedRestores } from '../../../src/plan/restoring/unfinished-restore.ts';
import { INVENTORY } from '../../../src/problem/remedy.ts';
import { nextData, nextText } from '../../../src/problem/render.ts';
import { bare, but, butAll, settled, stopped, UP, wanted } from '../facts.ts';

const restoring: RestoreOrder = {
  command: ['restore', INVENTORY, '--from', '/b/it is.db', '--foreign'],
  who: 'ann@ops1',
};
const switching: RestoreOrder = {
  command: ['migrate', INVENTORY, '--to', 'https', '--via', 'snapshot'],
  who: 'ann@ops1',
  from: 'http',
};

const RESTORED = 'ab12';
const FORMER = 'ef34';

const NAMES = wanted(5).members.map(({ name }) => name);

const intent = (order?: RestoreOrder, token = 'cd'.repeat(16), size = 3): RestoreIntent => ({
  ...{ cluster: 'prod', token, clusterId: RESTORED, snapshot: 'a'.repeat(64), bumpRevision: 0 },
  members: wanted(size).members.map(({ peerUrl }) => peerUrl),
  ...{ began: '20261121T110000Z', ran: true, served: true, ...(order && { order }) },
});

const UNDO = 'provision restore prod.yaml --undo; nothing else before that';

const told = test.macro((t, order: RestoreOrder | undefined, sentence: string, next: string) => {
  const traces = [
    { member: 'etcd01', intent: intent(order), clusterId: RESTORED },
    { member: 'etcd02', intent: undefined, clusterId: FORMER },
    { member: 'etcd03', intent: intent(order), clusterId: FORMER },
  ];
  t.deepEqual(
    unfinishedRestores(wanted(), traces).map((one) => [
      one.sentence,
      nextText(one.next, 'prod.yaml'),
    ]),
    [[sentence, next]],
  );
});

test(
  'unfinishedRestores: a restore is named with the exact command that finishes it',
  told,
  restoring,
  'etcd01, etcd03: a restore begun 20261121T110000Z by ann@ops1 is not finished',
  `finish it: provision restore prod.yaml --from '/b/it is.db' --foreign; only if it is no longer wanted, go back instead: ${UNDO}`,
);

test(
  'unfinishedRestores: a switch is named with the protocol it began from',
  told,
  switching,
  'etcd01, etcd03: a switch by snapshot from http begun 20261121T110000Z by ann@ops1 is not finished',
  `finish it: provision migrate prod.yaml --to https --via snapshot; only if it is no longer wanted, go back instead: ${UNDO}`,
);

test(
  'unfinishedRestores: of an older record it is said where to find who began it',
  told,
  undefined,
  'etcd01, etcd03: a restore or a switch by snapshot begun 20261121T110000Z is not finished',
  `finish it with the command that began it (provision history prod.yaml shows who typed it); only if it is no longer wanted, go back instead: ${UNDO}`,
);

// One host that was left with the record keeps whole days of writes from being thrown away by what is printed here.
test('unfinishedRestores: going back gives up writes where a majority has the restored data', (t) => {
  const next = (...clusterIds: readonly (string | undefined)[]) =>
    unfinishedRestores(
      wanted(),
      clusterIds.map((clusterId, at) => ({
        ...{ member: NAMES[at] ?? '', clusterId },
        intent: at === 2 ? intent(restoring) : undefined,
      })),
    ).map((one) => nextText(one.next, 'prod.yaml'));
  const finish = "finish it: provision restore prod.yaml --from '/b/it is.db' --foreign";
  const warned = [
    `${finish}; only if all that was written since may be lost, go back instead: ${UNDO}`,
  ];
  const rest = [`most members have nothing of it, so take back the rest: ${UNDO}`];
  t.deepEqual(next(RESTORED, RESTORED, FORMER), warned);
  t.deepEqual(next(RESTORED, RESTORED, RESTORED), warned);
  t.deepEqual(next(FORMER, undefined, RESTORED), rest);
  t.deepEqual(next(FORMER, FORMER, FORMER), rest);
});

// Of three members one or two were asked: what the others have may be what the restore made.
test('unfinishedRestores: nothing is over, and no write is given up unsaid, while a host cannot be asked', (t) => {
  const next = (size: number, ...clusterIds: readonly string[]) =>
    unfinishedRestores(
      wanted(size),
      clusterIds.map((clusterId, at) => ({
        ...{ member: NAMES[at] ?? '', clusterId },
        intent: at === 0 ? intent(restoring, undefined, size) : undefined,
      })),
    ).map(
      (one) =>
        /only if (all that was written|it is no longer wanted)|most members/.exec(
          nextText(one.next),
        )?.[0],
    );
  const mayHaveServed = ['only if all that was written'];
  t.deepEqual(next(3, FORMER), mayHaveServed);
  t.deepEqual(next(3, RESTORED, FORMER), mayHaveServed);
  t.deepEqual(next(3, FORMER, FORMER), ['only if it is no longer wanted']);
  t.deepEqual(next(5, FORMER, FORMER, FORMER), ['only if it is no longer wanted']);
  t.deepEqual(next(5, FORMER, FORMER, FORMER, FORMER), ['most members']);
});

test('unfinishedRestores: counts over the members that the restore was begun with, whatever the inventory names now', (t) => {
  const next = (size: number, from: RestoreIntent, ...clusterIds: readonly string[]) =>
    unfinishedRestores(
      wanted(size),
      clusterIds.map((clusterId, at) => ({
        ...{ member: NAMES[at] ?? '', clusterId },
        intent: at === 0 ? from : undefined,
      })),
    ).map(
      (one) =>
        /only if all that was written|only if it is no longer|most members/.exec(
          nextText(one.next),
        )?.[0],
    );
  const of = (size: number) => intent(restoring, undefined, size);
  const { members: _members, ...older } = of(3);
  const served = ['only if all that was written'];
  // Two of the three that it was begun with; the inventory has two more now, which nobody restored.
  t.deepEqual(next(5, of(3), RESTORED, RESTORED, FORMER, FORMER, FORMER), served);
  t.deepEqual(next(5, of(3), RESTORED, FORMER, FORMER, FORMER, FORMER), ['most members']);
  // Of the five that it was begun with, the inventory names three: two were not asked.
  t.deepEqual(next(3, of(5), RESTORED, FORMER, FORMER), served);
  t.deepEqual(next(3, of(5), FORMER, FORMER, FORMER), ['only if it is no longer']);
  // Of an older record nobody knows it.
  t.deepEqual(next(5, older, RESTORED, FORMER, FORMER, FORMER, FORMER), served);
  t.deepEqual(next(5, older, FORMER, FORMER, FORMER, FORMER, FORMER), ['only if it is no longer']);
});

test('unfinishedRestores: nothing where no host has a record, each of two by itself', (t) => {
  t.deepEqual(
    unfinishedRestores(wanted(1), [{ member: 'etcd01', intent: undefined, clusterId: FORMER }]),
    [],
  );
  const two = unfinishedRestores(wanted(2), [
    { member: 'etcd01', intent: intent(restoring, undefined, 2), clusterId: FORMER },
    { member: 'etcd02', intent: intent(switching, 'ef'.repeat(16), 2), clusterId: FORMER },
  ]);
  t.deepEqual(
    two.map(({ about }) => about),
    [['etcd01'], ['etcd02']],
  );
  const [first] = two;
  t.deepEqual(first && nextData(first.next, 'p.yaml').map(({ commands }) => commands), [
    [['provision', 'restore', 'p.yaml', '--undo']],
  ]);
  const [alone] = unfinishedRestores(wanted(1), [
    { member: 'etcd01', intent: intent(restoring, undefined, 1), clusterId: FORMER },
  ]);
  t.deepEqual(alone && nextData(alone.next, 'p.yaml').map(({ commands }) => commands), [
    [
      ['provision', 'restore', 'p.yaml', '--from', '/b/it is.db', '--foreign'],
      ['provision', 'restore', 'p.yaml', '--undo'],
    ],
  ]);
});

for (const order of [restoring, switching, undefined])
  test(`readIntent: gives back what was written, by ${order?.command[0] ?? 'an older version'}`, (t) => {
    t.deepEqual(readIntent(writeIntent(intent(order))), intent(order));
  });

test('writeIntent: hosts keep the name of the inventory file as a word, as every version did', (t) => {
  t.deepEqual(JSON.parse(writeIntent(intent(restoring))).order, {
    command: ['restore', 'INVENTORY', '--from', '/b/it is.db', '--foreign'],
    who: 'ann@ops1',
  });
});

test('intentFact: a cluster of the same name on the same host, by its unit, is another one', (t) => {
  const read = (of: RestoreIntent) =>
    intentFact({ name: 'prod', unit: 'etcd', paths: { data: '/var/lib/etcd' } }).read({
      ...{ exitCode: 0, stderr: '' },
      stdout: writeIntent(of),
    });
  for (const own of [{}, { unit: 'etcd' }])
    t.deepEqual(read({ ...intent(), ...own }), { ...intent(), ...own });
  t.is(read({ ...intent(), unit: 'etcd-events' }), undefined);
});

test('readIntent: a restore counts as begun although its command cannot be read', (t) => {
  const { order: _order, ...rest } = intent();
  for (const order of [
    'restore',
    { command: [], who: 'ann@ops1' },
    { command: ['restore', 'x\nnext: rm -rf /'], who: 'ann@ops1' },
    { command: ['restore'], who: '\u001B[2J' },
    { command: ['restore'], who: 'ann@ops1', from: 'ftp' },
  ])
    t.deepEqual(readIntent(JSON.stringify({ ...rest, order })), { ...rest, order: undefined });
});

// Everything that `up`, rotations and the like would do, the restore might still take back.
for (const wipe of [false, true])
  for (const [name, facts] of [
    ['runs', settled(wanted())],
    ['was stopped', butAll(settled(wanted()), stopped)],
    ['has lost its data', bare(wanted())],
  ] as const)
    test(`planCluster: does nothing beside an unfinished restore where the cluster ${name}${wipe ? ', with --wipe' : ''}`, (t) => {
      const left = but(facts, 'etcd02', () => ({ restoring: intent(restoring) }));
      const plan = planCluster(wanted(), left, { ...UP, wipe });
      t.deepEqual(plan, {
        cluster: 'prod',
        waves: [],
        refusals: [
          ...unfinishedRestores(
            wanted(),
            ['etcd01', 'etcd02', 'etcd03'].map((member) => ({
              ...{ member, clusterId: FORMER },
              intent: member === 'etcd02' ? intent(restoring) : undefined,
            })),
          ),
        ],
      });
      t.is(plan.refusals.length, 1);
    });

test('planCluster: plans where the run that asks has settled the restore itself', (t) => {
  const facts = settled(wanted());
  const left = but(facts, 'etcd02', () => ({ restoring: intent(restoring) }));
  t.deepEqual(
    planCluster(wanted(), left, { ...UP, besideRestore: true }),
    planCluster(wanted(), facts, UP),
  );
});
