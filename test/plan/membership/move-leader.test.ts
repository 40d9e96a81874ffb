import test from 'ava';
import type { ClusterFacts } from '../../../src/facts/cluster.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { hostsOf } from '../../../src/plan/lane.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, learning, settled, stopped, wanted } from '../facts.ts';

const three = wanted();
const whole = settled(three);
const plan = (facts: ClusterFacts, member?: string) =>
  planFor(three, facts, { kind: 'move-leader', ...(member !== undefined && { member }) });
/** Where leadership is asked for, and who is to get it. */
const moves = (facts: ClusterFacts, member?: string) =>
  plan(facts, member).waves.map(({ title, lanes }) => [title, ...hostsOf(lanes)]);
const refused = (facts: ClusterFacts, member?: string) =>
  plan(facts, member).refusals.map(({ sentence, next }) => [sentence, nextText(next)]);

test('leadership is asked of the member that has it, and all must follow the other one', (t) => {
  const { waves } = plan(whole, 'etcd02');
  t.deepEqual(moves(whole, 'etcd02'), [['hand leadership to etcd02', 'etcd01']]);
  t.is(waves[0]?.lanes[0]?.steps[0]?.kind, 'move-leadership');
  t.deepEqual(waves[0]?.gate.find(({ kind }) => kind === 'led-by')?.members, [
    'etcd01',
    'etcd02',
    'etcd03',
  ]);
});

test('of any other member, the one that has applied most is taken', (t) => {
  for (const ahead of ['etcd02', 'etcd03'])
    t.deepEqual(
      moves(
        but(whole, ahead, ({ etcd }) => ({
          etcd: { ...etcd, status: etcd.status && { ...etcd.status, raftAppliedIndex: 1e6 } },
        })),
      ),
      [[`hand leadership to ${ahead}`, 'etcd01']],
    );
});

test('nothing is to be done where it leads already', (t) => {
  t.deepEqual(plan(whole, 'etcd01').waves, []);
  t.deepEqual(plan(whole, 'etcd01').notes, ['etcd01 leads the cluster already']);
});

test('leadership moves while another member is down, and never to that one', (t) => {
  const down = but(whole, 'etcd02', stopped);
  const { waves } = plan(down);
  t.deepEqual(moves(down), [['hand leadership to etcd03', 'etcd01']]);
  t.true(waves[0]?.gate.every(({ members }) => !members.includes('etcd02')));
  t.regex(
    refused(down, 'etcd02')[0]?.[0] ?? '',
    /^etcd02 cannot lead: it does not answer a linear/,
  );
});

test('a learner, a member that is not listed and a name nobody has are refused', (t) => {
  t.deepEqual(refused(learning(whole, 'etcd02'), 'etcd02'), [
    [
      'etcd02 cannot lead: it is a learner, and has no vote',
      'provision up INVENTORY gives etcd02 its vote',
    ],
  ]);
  t.deepEqual(refused(whole, 'etcd09'), [
    [`${three.name} has no member etcd09`, 'name one of etcd01, etcd02, etcd03'],
  ]);
});

test('without a quorum nobody leads, and with one voter nobody can take over', (t) => {
  t.regex(refused(butAll(whole, stopped))[0]?.[0] ?? '', /no member says who leads/);
  const one = wanted(1);
  const facts = settled(one);
  const { refusals } = planFor(one, facts, { kind: 'move-leader' });
  t.regex(refusals[0]?.sentence ?? '', /^nobody can take over from etcd01: no other member/);
});
