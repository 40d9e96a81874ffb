import test from 'ava';
import { conclude } from '../../../src/diagnosis/conclude.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  but,
  butAll,
  emptyData,
  type SeenFacts,
  settled,
  stopped,
  wanted,
} from '../../plan/facts.ts';
import { doctorInput, started } from '../examined-cluster.ts';

const three = wanted();
const crashed = started({
  ...{ active: 'failed', sub: 'failed', result: 'exit-code' },
  end: { how: 'exited', status: '1/FAILURE' },
});
const empty = (facts: SeenFacts) =>
  but(facts, 'etcd03', (found) => ({ ...stopped(found), data: emptyData }));
const unlisted = butAll(settled(three), ({ etcd }) => ({
  etcd: {
    ...etcd,
    members: etcd.members && {
      ...etcd.members,
      members: etcd.members.members.filter(({ name }) => name !== 'etcd03'),
    },
  },
}));
const told = (facts: SeenFacts) =>
  conclude(doctorInput(three, facts, { etcd03: crashed })).findings.map(
    ({ about, sentence, next }) => [about.join(), sentence, nextText(next)],
  );

test('doctor says of a removed member whose data was moved aside that up adds it, and of no disk', (t) => {
  t.deepEqual(told(empty(unlisted)), [
    [
      'etcd03',
      "is not in etcd's list (it was removed from the cluster), and has no data",
      'up adds it as a new member: provision up INVENTORY',
    ],
  ]);
});

test('doctor asks for the disk of an empty member that the cluster still has', (t) => {
  const [first] = told(empty(settled(three)));
  t.deepEqual(first?.slice(0, 2), [
    'etcd03',
    'its data directory /var/lib/etcd is empty; is a disk not mounted?',
  ]);
});
