import test from 'ava';
import { hasNoOther } from '../../src/observed/membership.ts';

const one = { name: 'etcd01', peerUrl: 'https://198.18.0.11:2380' };
const entry = (name: string, ...peerUrls: readonly string[]) => ({
  ...{ id: name, name, peerUrls, clientUrls: [], isLearner: false },
});
const told = (...members: readonly ReturnType<typeof entry>[]) =>
  hasNoOther({ members: [one] }, { clusterId: 'a', members });

test('hasNoOther: a list of members of the inventory, by name or place', (t) => {
  t.true(told(entry('etcd01', 'https://198.18.0.19:2380')));
  t.true(told(entry('', 'http://198.18.0.11:2380')));
  t.false(told(entry('etcd01', one.peerUrl), entry('etcd09', 'https://198.18.0.19:2380')));
  t.false(told());
});
