import test from 'ava';
import { allWell, askedBy, describeGates } from '../../src/plan/gate.ts';

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
    'none of etcd01 reports an alarm; none of etcd02, etcd03 lags more than 5 entries behind',
  );
});

test('allWell() asks nothing of nobody', (t) => {
  t.deepEqual(allWell([]), []);
});

test('askedBy() names everybody once', (t) => {
  t.deepEqual(askedBy([...allWell(['b', 'a']), ...allWell(['a', 'c'])]), ['b', 'a', 'c']);
});
