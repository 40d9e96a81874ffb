import test from 'ava';
import { conclude } from '../../../src/diagnosis/conclude.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, type SeenFacts, settled, wanted } from '../../plan/facts.ts';
import { doctorInput, started } from '../examined-cluster.ts';

const four = wanted(4);
const facts: SeenFacts = {
  ...settled(wanted(3)),
  store: settled(four).store,
  members: new Map([...bare(four).members, ...settled(wanted(3)).members]),
};
const starts = { etcd04: started({ load: 'not-found', active: 'inactive', isUnstarted: true }) };
const way = {
  ...{ from: 'etcd01', to: 'etcd04' },
  sentence: 'etcd01 does not reach etcd04 at 10.0.0.4:2380 (no answer within 4 s)',
};
const told = (seen: SeenFacts, closed: ReadonlyMap<string, readonly (typeof way)[]>) =>
  conclude(doctorInput(four, seen, starts, { closed })).findings.map(
    ({ about, sentence, next }) => `${about.join(', ')}: ${sentence} -> ${nextText(next)}`,
  );

test('doctor sends to up for a newcomer that is reached and reaches all', (t) => {
  t.deepEqual(told(facts, new Map([['etcd04', []]])), [
    'etcd04: etcd.service does not exist there -> provision up INVENTORY',
  ]);
});

test('doctor names the ways to a newcomer that are closed: up would not add it', (t) => {
  t.deepEqual(told(facts, new Map([['etcd04', [way]]])), [
    `etcd04: etcd.service does not exist there; up would not add it: ${way.sentence} -> open the peer port in every firewall between them, both ways; then provision up INVENTORY`,
  ]);
});

test('doctor has who holds its port ended before, where up refuses for that', (t) => {
  const taken = but(facts, 'etcd04', () => ({
    listeners: [{ port: 2380, address: '*', process: 'nginx', pid: 9 }],
  }));
  const [first = '', ...others] = told(taken, new Map([['etcd04', [way]]]));
  t.deepEqual(others, []);
  t.regex(
    first,
    /-> up refuses now: etcd04: port 2380 is taken by nginx .*; stop nginx on etcd04, or choose other etcd.ports; then open the peer port .*; then provision up INVENTORY$/,
  );
});
