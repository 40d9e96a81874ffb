import test from 'ava';
import type { ClusterFacts } from '../../../src/facts/cluster.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { hostsOf } from '../../../src/plan/lane.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, learning, settled, stopped, wanted } from '../facts.ts';

const three = wanted();
const whole = settled(three);
/** The third is a learner, and answers no linearizable read. */
const waiting = but(learning(whole, 'etcd03'), 'etcd03', ({ etcd }) => ({
  etcd: { ...etcd, healthy: false, complaint: 'rpc not supported for learner' },
}));

const plan = (facts: ClusterFacts, member: string) =>
  planFor(three, facts, { kind: 'promote-member', member });
const refused = (facts: ClusterFacts, member: string) =>
  plan(facts, member).refusals.map(({ sentence, next }) => [sentence, nextText(next)]);

test('a learner gets its vote through the leader, and all must list it so', (t) => {
  const { waves } = plan(waiting, 'etcd03');
  t.deepEqual(
    waves.map(({ title, lanes }) => [title, ...hostsOf(lanes)]),
    [['promote etcd03', 'etcd03']],
  );
  const [step] = waves[0]?.lanes[0]?.steps ?? [];
  t.is(step?.kind === 'promote-member' ? step.via : '', 'etcd01');
  t.deepEqual(waves[0]?.before?.[0]?.members, ['etcd01', 'etcd02']);
  t.deepEqual(waves[0]?.gate.find(({ kind }) => kind === 'listed-as')?.members, [
    ...['etcd01', 'etcd02', 'etcd03'],
  ]);
});

test('one that has its vote is left as it is', (t) => {
  t.deepEqual(plan(whole, 'etcd02').waves, []);
  t.deepEqual(plan(whole, 'etcd02').notes, ['etcd02 has its vote']);
});

test('one that does not run, is not listed or nobody has, gets none', (t) => {
  t.regex(refused(but(waiting, 'etcd03', stopped), 'etcd03')[0]?.[0] ?? '', /it does not run/);
  t.deepEqual(refused(whole, 'etcd09'), [
    [`${three.name} has no member etcd09`, 'name one of etcd01, etcd02, etcd03'],
  ]);
  const four = wanted(4);
  const { refusals } = planFor(four, whole, { kind: 'promote-member', member: 'etcd04' });
  t.regex(refusals[0]?.sentence ?? '', /^etcd04 cannot be given a vote: it is not in etcd's list/);
});

test('without a quorum nobody gets a vote', (t) => {
  const lost = butAll(waiting, ({ etcd }) => ({ etcd: { ...etcd, healthy: false } }));
  t.regex(refused(lost, 'etcd03')[0]?.[0] ?? '', /no member answers/);
});
