import test from 'ava';
import { allWell, askedBy, describeGates, gateClauses } from '../../src/plan/gate.ts';

test('describeGates() says each question in a clause, and names members once', (t) => {
  t.is(
    describeGates(allWell(['etcd01', 'etcd02'])),
    'etcd01, etcd02 all answer and agree on members and leader; none of them lags more than 1000 entries behind; none of them reports an alarm other than NOSPACE',
  );
  t.is(
    describeGates([
      { kind: 'no-alarm', members: ['etcd01'], except: [] },
      { kind: 'caught-up', members: ['etcd02', 'etcd03'], within: 5 },
    ]),
    'etcd01 reports no alarm; none of etcd02, etcd03 lags more than 5 entries behind',
  );
});

test('describeGates() says of one member what can be true of one', (t) => {
  t.is(
    describeGates(allWell(['etcd01'])),
    'etcd01 answers and has a leader; it reports no alarm other than NOSPACE',
  );
});

test('describeGates() says how a member is to be listed, who has left, and whose unit is to run', (t) => {
  const members = ['etcd01', 'etcd02'];
  t.is(
    describeGates([
      { kind: 'listed-as', members, member: 'etcd02', peerUrls: ['https://10.0.0.2:2380'] },
      { kind: 'not-listed', members: ['etcd01'], member: 'etcd03', id: 'aa' },
      { kind: 'consumer-ready', members: [], consumer: 'apiserver@10.0.0.81', unit: 'kube' },
    ]),
    'each of etcd01, etcd02 lists etcd02 with a vote at https://10.0.0.2:2380; etcd01 does not list etcd03 (aa); kube of apiserver@10.0.0.81 runs with its new files',
  );
});

test('gateClauses() says the questions in full once, then of whom the same is asked', (t) => {
  const clause = gateClauses();
  const one = 'etcd01 answers and has a leader; it reports no alarm other than NOSPACE';
  const all =
    'all answer and agree on members and leader; none of them lags more than 1000 entries behind; none of them reports an alarm other than NOSPACE';
  t.deepEqual(
    [
      allWell(['etcd01']),
      allWell(['etcd02', 'etcd03']),
      allWell(['etcd01', 'etcd02', 'etcd03']),
      allWell(['etcd01', 'etcd02']).slice(0, 1),
      allWell(['etcd01', 'etcd03']).slice(0, 1),
      allWell(['etcd02', 'etcd03']),
      allWell(['etcd01']),
      allWell(['etcd02', 'etcd03']),
    ].map(clause),
    [
      one,
      `etcd02, etcd03 ${all}`,
      'the same holds for etcd01, etcd02, etcd03',
      'etcd01, etcd02 all answer and agree on members and leader',
      'the same holds for etcd01, etcd03',
      `etcd02, etcd03 ${all}`,
      one,
      `etcd02, etcd03 ${all}`,
    ],
  );
});

test('allWell() asks nothing of nobody', (t) => {
  t.deepEqual(allWell([]), []);
});

test('askedBy() names everybody once', (t) => {
  t.deepEqual(askedBy([...allWell(['b', 'a']), ...allWell(['a', 'c'])]), ['b', 'a', 'c']);
});
