import test from 'ava';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../src/plan/certificates/rotate-ca.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { laneName } from '../../src/plan/lane.ts';
import { limited } from '../../src/plan/limited.ts';
import { planSwitch } from '../../src/plan/switching/switch.ts';
import { bare, but, notAnswering, settled, stopped, UP, wanted } from './facts.ts';
import { outline } from './outline.ts';
import { switching } from './switching.ts';

const former = wanted();
const facts = settled(former);
const desired = wanted(3, {
  etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } },
});
const whole = planCluster(desired, facts, UP);

const titles = (plan: typeof whole) => plan.waves.map(({ title }) => title);

test('limited() leaves the turns of others out, and says whose', (t) => {
  t.deepEqual(titles(whole), ['restart etcd02', 'restart etcd03', 'restart etcd01']);
  const one = limited(whole, desired, facts, ['etcd03']);
  t.deepEqual(one.plan, { ...whole, waves: whole.waves.slice(1, 2) });
  t.deepEqual(one.leftOut, ['etcd02', 'etcd01']);
});

test('limited() to all members changes nothing', (t) => {
  const names = ['etcd01', 'etcd02', 'etcd03'];
  t.deepEqual(limited(whole, desired, facts, names), { plan: whole, leftOut: [] });
});

test('limited() has nothing to narrow where nothing is to be done', (t) => {
  const nothing = planCluster(former, facts, UP);
  t.deepEqual(limited(nothing, former, but(facts, 'etcd02', stopped), ['etcd01']), {
    plan: nothing,
    leftOut: [],
  });
});

test('limited() keeps what is done here, and ends before what comes after all turns', (t) => {
  const rotation = planRotation(former, facts, {
    ...{ member: undefined, name: undefined, withinDays: undefined },
    ...{ restart: false, allowDowntime: false },
  });
  const { plan, leftOut } = limited(rotation, former, facts, ['etcd01']);
  t.deepEqual(titles(plan), ['make certificates', 'change etcd01']);
  t.true(plan.waves[0]?.lanes.every(({ place }) => place === 'here'));
  t.deepEqual(leftOut, ['etcd02', 'etcd03']);
});

test('limited() does not begin the next phase of a CA rotation while members have not had the first', (t) => {
  const rotation = planCaRotation(former, facts, { consumersReady: false, allowDowntime: false });
  t.true(titles(rotation).includes('swap the certificates of etcd02'));
  t.deepEqual(titles(limited(rotation, former, facts, ['etcd02']).plan), [
    'make the new CA',
    'let etcd02 trust both CAs',
  ]);
});

test('limited() does not begin the next stage of a switch, whose turns follow at once', (t) => {
  const { desired: change, before } = switching('https');
  const plan = planSwitch(change, before, {
    ...{ finish: false, advertise: false, allowDowntime: false },
  });
  const stages = plan.waves.filter(({ turn }) => turn?.number === 1);
  t.true(stages.length > 1, 'it has several stages');
  const { plan: narrowed } = limited(plan, change.target, before, ['etcd02']);
  const turns = narrowed.waves.filter(({ turn }) => turn !== undefined);
  t.deepEqual(
    turns.map(({ lanes }) => lanes.map(laneName)),
    [['etcd02']],
  );
  t.is(
    turns[0]?.title,
    plan.waves.find(({ lanes, turn }) => turn && lanes.map(laneName)[0] === 'etcd02')?.title,
  );
});

test('limited() is refused where a member that is left alone does not answer', (t) => {
  const hanging = but(facts, 'etcd02', () => ({ etcd: notAnswering('timeout') }));
  const { plan } = limited(whole, desired, hanging, ['etcd03']);
  t.deepEqual(outline(plan), [
    'refused: etcd02 does not answer, and --limit etcd03 leaves it as it is: beside a member that does not answer no other is changed | next: name etcd02 too, or leave --limit out; or provision doctor INVENTORY says why',
  ]);
  t.is(limited(whole, desired, hanging, ['etcd02']).plan.refusals.length, 0);
});

test('limited() is refused where a cluster has to form', (t) => {
  const first = planCluster(former, bare(former), UP);
  t.deepEqual(outline(limited(first, former, bare(former), ['etcd01', 'etcd02']).plan), [
    'refused: etcd03 does not answer, and --limit etcd01,etcd02 leaves it as it is: beside a member that does not answer no other is changed | next: name etcd03 too, or leave --limit out; or provision doctor INVENTORY says why',
  ]);
});
