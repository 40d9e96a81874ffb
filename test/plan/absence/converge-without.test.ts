import test from 'ava';
import { planRotation } from '../../../src/plan/certificates/rotate.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { stepsOf } from '../../../src/plan/lane.ts';
import { limited } from '../../../src/plan/limited.ts';
import { planDefragmentation } from '../../../src/plan/maintaining/defragment.ts';
import { readRule } from '../../../src/plan/maintaining/read-rule.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, type SeenFacts, settled, stopped, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

const slower = { etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } } };
const unseen = (facts: SeenFacts, ...names: readonly string[]): SeenFacts => ({
  ...facts,
  members: new Map([...facts.members].filter(([name]) => !names.includes(name))),
});
const rotation = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};
const titles = ({ waves }: { readonly waves: readonly { readonly title: string }[] }) =>
  waves.map(({ title }) => title);
const refused = (plan: ReturnType<typeof planCluster>) =>
  plan.refusals.map(({ kind, sentence, next }) => [kind, sentence, nextText(next)]);

const AWAY = { name: 'etcd03', because: 'away; it gets what it needs when it is back' };

test('planCluster() without one of three: no restart, no file that only a restart reads, and why', (t) => {
  const facts = unseen(settled(wanted()), 'etcd03');
  const plan = planCluster(wanted(3, slower), facts, { ...UP, away: ['etcd03'] });
  t.deepEqual(outline(plan), []);
  const because =
    'has to be restarted (it runs with another ETCD_HEARTBEAT_INTERVAL), and 1 of 3 members would be left, and 2 must answer';
  t.deepEqual(plan.left, [AWAY, { name: 'etcd01', because }, { name: 'etcd02', because }]);
  t.deepEqual(plan.away, ['etcd03']);
});

test('planCluster() without one of three: --allow-downtime does not end a quorum either', (t) => {
  const facts = unseen(settled(wanted()), 'etcd03');
  const options = { ...UP, allowDowntime: true, away: ['etcd03'] };
  t.deepEqual(titles(planCluster(wanted(3, slower), facts, options)), []);
});

test('planCluster() without one of five: the others one by one, and only they are asked', (t) => {
  const facts = unseen(settled(wanted(5)), 'etcd03');
  const plan = planCluster(wanted(5, slower), facts, { ...UP, away: ['etcd03'] });
  t.deepEqual(titles(plan), [
    'restart etcd02',
    'restart etcd04',
    'restart etcd05',
    'restart etcd01',
  ]);
  t.deepEqual(
    [
      ...new Set(
        plan.waves
          .flatMap(({ before = [], gate }) => [...before, ...gate])
          .flatMap(({ members }) => members),
      ),
    ].sort(),
    ['etcd01', 'etcd02', 'etcd04', 'etcd05'],
  );
  t.deepEqual(plan.left, [AWAY]);
  const id = facts.members
    .get('etcd01')
    ?.etcd.members?.members.find(({ name }) => name === 'etcd03')?.id;
  const handed = plan.waves
    .flatMap(({ lanes }) => stepsOf(lanes))
    .filter(({ kind }) => kind === 'yield-leadership');
  t.deepEqual(
    handed.map((step) => 'except' in step && step.except),
    handed.map(() => [id ?? 'none']),
  );
});

test('planCluster() without two of five: a third restart would take the quorum', (t) => {
  const facts = unseen(settled(wanted(5)), 'etcd03', 'etcd04');
  const plan = planCluster(wanted(5, slower), facts, { ...UP, away: ['etcd03', 'etcd04'] });
  t.deepEqual(titles(plan), []);
  t.deepEqual(
    plan.left?.map(({ name }) => name),
    ['etcd03', 'etcd04', 'etcd01', 'etcd02', 'etcd05'],
  );
});

test('planCluster() without one whose host answers and whose etcd does not: it is left as it is', (t) => {
  const facts = but(settled(wanted()), 'etcd03', stopped);
  const plan = planCluster(wanted(), facts, { ...UP, away: ['etcd03'] });
  t.deepEqual([outline(plan), plan.left], [[], [AWAY]]);
});

test('planCluster() without one that answers: refused', (t) => {
  t.deepEqual(refused(planCluster(wanted(), settled(wanted()), { ...UP, away: ['etcd03'] })), [
    [
      'not-away',
      'etcd03: runs, and --without is for members that do not answer',
      'leave it out of --without; to change other members only, use --limit',
    ],
  ]);
});

test('planCluster() without one where nobody answers: refused', (t) => {
  const facts = but(but(settled(wanted()), 'etcd01', stopped), 'etcd02', stopped);
  const plan = planCluster(wanted(), unseen(facts, 'etcd03'), { ...UP, away: ['etcd03'] });
  t.deepEqual(
    refused(plan).map(([kind, sentence]) => [kind, sentence]),
    [
      [
        'not-answering',
        'prod: nobody answers, so it is not only etcd03 that is missing: --without needs a quorum without it',
      ],
    ],
  );
});

test('planCluster() without one: no later minor version, nobody joins', (t) => {
  const facts = unseen(settled(wanted()), 'etcd03');
  const away = ['etcd03'];
  const later = planCluster(wanted(3, { etcd: { version: '3.6.14' } }), facts, { ...UP, away });
  t.deepEqual(
    refused(later).map(([kind, sentence]) => [kind, sentence]),
    [
      [
        'needs-everybody',
        'prod: etcd 3.6.14 is another minor version, which etcd03 would have to know',
      ],
    ],
  );
  const four = planCluster(
    wanted(4),
    { ...facts, members: new Map([...facts.members]) },
    { ...UP, away },
  );
  t.deepEqual(
    refused(four).map(([kind]) => kind),
    ['new-member'],
  );
  const coming = planCluster(wanted(4), settled(wanted()), { ...UP, away: ['etcd04'] });
  t.deepEqual(refused(coming), [
    [
      'new-member',
      "etcd04: not in etcd's list of members, and nobody joins while away",
      'take etcd04 out of the inventory',
    ],
  ]);
});

test('planCluster() without one: nobody moves, and what to do first is said', (t) => {
  const moved = wanted(3, { etcd: { version: '3.5.30', ports: { peer: 2390 } } });
  const facts = unseen(settled(wanted()), 'etcd03');
  t.deepEqual(refused(planCluster(moved, facts, { ...UP, away: ['etcd03'] })), [
    [
      'needs-everybody',
      'prod: etcd01, etcd02, etcd03 would be reached at another address or peer port, which etcd03 would have to know',
      'bring etcd03 back first, then run the same command without --without',
    ],
  ]);
});

test('planRotation() without one of three: leaves for all, brought to the others', (t) => {
  const facts = unseen(settled(wanted()), 'etcd03');
  const plan = planRotation(wanted(), facts, { ...rotation, away: ['etcd03'] });
  t.deepEqual(titles(plan), ['make certificates', 'change etcd02', 'change etcd01']);
  t.true(outline(plan).some((line) => line.includes('etcd03/server')));
  t.deepEqual(plan.left, [AWAY]);
});

test('planRotation() without one of three and with --restart: the leaves, and no restart', (t) => {
  const facts = unseen(settled(wanted()), 'etcd03');
  const plan = planRotation(wanted(), facts, { ...rotation, restart: true, away: ['etcd03'] });
  t.deepEqual(titles(plan), ['make certificates', 'change etcd02', 'change etcd01']);
  t.deepEqual(
    plan.left?.map(({ name }) => name),
    ['etcd03', 'etcd01', 'etcd02'],
  );
});

test('planDefragmentation() without one: of five one by one, of three nobody', (t) => {
  const read = readRule('size > 1');
  if (!('rule' in read)) throw new TypeError(read.fault);
  const { rule } = read;
  const defragment = (count: number) => {
    const facts = unseen(settled(wanted(count)), 'etcd03');
    const options = { rule, when: 'size > 1', seconds: 9, allowDowntime: false, away: ['etcd03'] };
    return planDefragmentation(wanted(count), facts, options);
  };
  t.deepEqual(
    titles(defragment(5)),
    ['etcd02', 'etcd04', 'etcd05', 'etcd01'].map((one) => `defragment ${one}`),
  );
  const three = defragment(3);
  t.deepEqual(titles(three), []);
  t.deepEqual(
    three.left?.map(({ name }) => name),
    ['etcd03', 'etcd01', 'etcd02'],
  );
});

test('limited() beside one that is away: it is not held against the others', (t) => {
  const desired = wanted(5, slower);
  const facts = unseen(settled(wanted(5)), 'etcd03');
  const plan = planCluster(desired, facts, { ...UP, away: ['etcd03'] });
  const { plan: one, leftOut } = limited(plan, desired, facts, ['etcd02']);
  t.deepEqual([titles(one), one.refusals], [['restart etcd02'], []]);
  t.deepEqual(leftOut, ['etcd04', 'etcd05', 'etcd01']);
});
