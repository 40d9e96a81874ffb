import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { failedHalfWay } from '../../src/failure/half-way.ts';
import { remedy } from '../../src/problem/remedy.ts';

test('failedHalfWay() makes a failure of a refusal, with all that it says', (t) => {
  const part = { kind: 'closed', about: ['etcd05'], sentence: 'it is closed', next: [] };
  const refusal = new Failure('refused', 'etcd05: was not added', {
    ...{ next: [remedy`open the port`], parts: [part], log: 'all of it' },
    ...{ hosts: new Map([['etcd05', 'was not added']]), cause: new Error('dropped') },
  });
  const failure = failedHalfWay(refusal);
  if (!(failure instanceof Failure)) return t.fail();
  t.is(failure.reason, 'failed');
  const { problem, parts, log, hosts, message, cause } = refusal;
  t.like(failure, { problem, parts, log, hosts, message, cause });
});

test('failedHalfWay() leaves every other end as it is', (t) => {
  const next = [remedy`look`];
  for (const reason of ['failed', 'unreachable', 'locked', 'paused', 'interrupted'] as const) {
    const failure = new Failure(reason, 'it ended', { next });
    t.is(failedHalfWay(failure), failure);
  }
  const bug = new TypeError('a bug');
  t.is(failedHalfWay(bug), bug);
  t.is(failedHalfWay(undefined), undefined);
});
