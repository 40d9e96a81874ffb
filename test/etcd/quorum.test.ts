import test from 'ava';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import {
  describeQuorum,
  majorityOfComing,
  neverStarted,
  quorumOf,
  quorumWithout,
  sharedNames,
  withstands,
} from '../../src/etcd/quorum.ts';

const member = (id: string, more: Partial<EtcdMember> = {}): EtcdMember => ({
  ...{ id, name: `m${id}`, isLearner: false },
  ...{ peerUrls: [`https://10.0.0.${id}:2380`], clientUrls: [`https://10.0.0.${id}:2379`] },
  ...more,
});
const NEVER = { name: '', clientUrls: [] };

const says = test.macro((t, members: readonly EtcdMember[], ids: string, expected: string) => {
  t.is(describeQuorum(quorumOf(members, new Set(ids))), expected);
});
const three = [member('1'), member('2'), member('3')];

test(
  'describeQuorum() of three that answer',
  says,
  three,
  '123',
  '2 of 3 must answer, 3 do, 1 may fail',
);
test('describeQuorum() of nobody', says, [], '', 'no member has a vote: no quorum');
test(
  'describeQuorum() of three with one down',
  says,
  three,
  '12',
  '2 of 3 must answer, 2 do, none may fail',
);
test(
  'describeQuorum() of three with two down',
  says,
  three,
  '1',
  '2 of 3 must answer, 1 does: no quorum',
);
test(
  'describeQuorum() counts who never started as failed',
  says,
  [...three, member('4', NEVER)],
  '123',
  '3 of 4 must answer, 3 do, none may fail',
);
test(
  'describeQuorum() does not count learners',
  says,
  [...three, member('4', { ...NEVER, isLearner: true })],
  '1234',
  '2 of 3 must answer, 3 do, 1 may fail',
);
test(
  'describeQuorum() of one',
  says,
  [member('1')],
  '1',
  '1 of 1 must answer, 1 does, none may fail',
);

test('neverStarted() finds members without name and client URLs; one that only lost its name has started', (t) => {
  const list = [member('1'), member('2', NEVER), member('3', { name: '' })];
  t.deepEqual(
    neverStarted(list).map(({ id }) => id),
    ['2'],
  );
});

test('sharedNames() finds members of one name, not those without', (t) => {
  const list = [member('1'), member('2', { name: 'm1' }), member('3', NEVER), member('4', NEVER)];
  t.deepEqual(
    [...sharedNames(list)].map(([name, held]) => [name, held.map(({ id }) => id)]),
    [['m1', ['1', '2']]],
  );
});

test('describeQuorum() calls no quorum lost for members that could not be asked', (t) => {
  const quorum = quorumOf(three, new Set('1'));
  t.is(
    describeQuorum({ ...quorum, unasked: 1 }),
    '2 of 3 must answer, 1 does, 1 could not be asked',
  );
  const five = quorumOf([...three, member('4'), member('5')], new Set('1'));
  t.is(describeQuorum({ ...five, unasked: 1 }), '3 of 5 must answer, 1 does: no quorum');
  const most = quorumOf(three, new Set('12'));
  t.is(describeQuorum({ ...most, unasked: 1 }), '2 of 3 must answer, 2 do, none may fail');
});

test('withstands() tells how many voters that answer may be stopped', (t) => {
  const up = (voters: number, answering = voters) => ({ voters, answering });
  t.deepEqual(
    [up(1), up(2), up(3), up(3, 2), up(5), up(5, 4), up(5, 3)].map((one) => withstands(one, 1)),
    [false, false, true, false, true, true, false],
  );
  t.deepEqual(
    [up(3, 2), up(3, 1)].map((one) => withstands(one, 0)),
    [true, false],
  );
});

test('quorumWithout() counts what is left, also when those that leave answer or are learners', (t) => {
  const four = [...three, member('4', { isLearner: true })];
  const left = (gone: string, answering: string) =>
    describeQuorum(quorumWithout(four, new Set(gone), new Set(answering)));
  t.is(left('3', '12'), '2 of 2 must answer, 2 do, none may fail');
  t.is(left('1', '12'), '2 of 2 must answer, 1 does: no quorum');
  t.is(left('4', '124'), '2 of 3 must answer, 2 do, none may fail');
  t.is(left('23', '14'), '1 of 1 must answer, 1 does, none may fail');
});

test('majorityOfComing() is more than half of the members of an inventory', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 5].map((length) => majorityOfComing({ members: Array.from({ length }) })),
    [1, 2, 2, 3, 3],
  );
});
