import test from 'ava';
import type { EndpointStatus } from '../../src/etcd/answers.ts';
import { type Candidate, chooseSource } from '../../src/snapshot/choose.ts';

const ids = { a: '00000000000000aa', b: '00000000000000bb', c: '00000000000000cc' } as const;

function candidate(
  name: keyof typeof ids,
  changes: Partial<EndpointStatus> = {},
  more: Partial<Candidate['etcd']> & { readonly alarms?: string } = {},
): Candidate {
  const { alarms = '', ...etcd } = more;
  const status: EndpointStatus = {
    endpoint: `https://${name}:2379`,
    clusterId: 'cccccccccccccccc',
    memberId: ids[name],
    version: '3.5.30',
    dbSize: 20_480,
    leader: ids.a,
    isLearner: false,
    raftTerm: 2,
    raftIndex: 100,
    raftAppliedIndex: 100,
    revision: 9,
    errors: [],
    ...changes,
  };
  return {
    name,
    alarms,
    etcd: { healthy: true, complaint: undefined, members: undefined, status, ...etcd },
  };
}

const chooses = test.macro((t, candidates: readonly Candidate[], name: string, because: string) => {
  const choice = chooseSource(candidates);
  t.deepEqual(choice.source && { name: choice.source.name, because: choice.because }, {
    name,
    because,
  });
});

test(
  'chooseSource: takes the voter that has applied most, the leader too',
  chooses,
  [candidate('a', { raftAppliedIndex: 102 }), candidate('b'), candidate('c')],
  'a',
  'it has applied most (index 102)',
);
test(
  'chooseSource: of several takes a follower',
  chooses,
  [candidate('a'), candidate('b'), candidate('c')],
  'b',
  'no voter has applied more (index 100), and does not lead',
);
test('chooseSource: leaves out who holds other data than most, however far it is', (t) => {
  const all = [candidate('a'), candidate('b', { raftAppliedIndex: 102 }), candidate('c')];
  t.is(chooseSource(all, ['b']).source?.name, 'c');
  const choice = chooseSource([candidate('b')], ['b']);
  t.deepEqual(choice.source === undefined && choice.reasons, ['b holds other data than most']);
});
test(
  'chooseSource: goes by what is committed where etcd 3.3 says no more',
  chooses,
  [
    candidate('a', { raftAppliedIndex: undefined }),
    candidate('b', { raftAppliedIndex: undefined, raftIndex: 120 }),
  ],
  'b',
  'it has applied most (index 120), and does not lead',
);
test(
  'chooseSource: never takes a learner, though it has applied most',
  chooses,
  [candidate('a'), candidate('b', { isLearner: true, raftAppliedIndex: 200 })],
  'a',
  'no voter has applied more (index 100)',
);
test(
  'chooseSource: never takes the member a corruption alarm names, whichever member tells of it',
  chooses,
  [
    candidate('a', {}, { alarms: 'memberID:187 alarm:CORRUPT \n' }),
    candidate('b', { raftAppliedIndex: 200 }),
    candidate('c'),
  ],
  'c',
  'no voter has applied more (index 100), and does not lead',
);
test(
  'chooseSource: an alarm about space is no reason',
  chooses,
  [candidate('b', {}, { alarms: 'memberID:187 alarm:NOSPACE \n' })],
  'b',
  'no voter has applied more (index 100), and does not lead',
);

test('chooseSource: says of each member why it is not taken', (t) => {
  const silent = { healthy: false, complaint: 'context deadline exceeded' };
  const choice = chooseSource([
    candidate('a', {}, silent),
    candidate('b', { isLearner: true }),
    candidate('c', {}, { ...silent, status: undefined }),
  ]);
  t.deepEqual(choice, {
    source: undefined,
    reasons: [
      'a has no quorum (context deadline exceeded)',
      'b is a learner and may lag behind',
      'c does not answer (context deadline exceeded)',
    ],
  });
});
