import test from 'ava';
import { here, hostsOf, laneName, onHost, placed } from '../../src/plan/lane.ts';

const because = 'a test wants it';
const lanes = [
  here([{ kind: 'promote-ca', because }]),
  onHost('here', [{ kind: 'stop-unit', unit: 'etcd', because }]),
];

test('hostsOf() knows a host that is called like this machine', (t) => {
  t.deepEqual(hostsOf(lanes), ['here']);
  t.deepEqual(lanes.map(laneName), ['here', 'here']);
});

test('placed() tells of each step where it is done', (t) => {
  t.deepEqual(
    placed(lanes).map(({ place, step }) => `${place}: ${step.kind}`),
    ['here: promote-ca', 'here: stop-unit'],
  );
});
