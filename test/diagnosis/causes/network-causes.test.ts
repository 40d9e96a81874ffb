import test from 'ava';
import { networkCause } from '../../../src/diagnosis/causes/network-causes.ts';
import type { ExaminedCluster, ExaminedMember } from '../../../src/diagnosis/looks/examined.ts';
import type { Reach } from '../../../src/diagnosis/looks/reach.ts';

const NAMES = ['r1', 'r2', 'r3'];

/** Three members that run and listen, of which those pairs `r1>r2` do not connect. */
function told(broken: Readonly<Record<string, Reach>>): readonly string[] {
  const seen = NAMES.map((name, at) => {
    const member = { name, peerUrl: `https://10.0.0.${at + 1}:2380` };
    const others = NAMES.filter((one) => one !== name);
    const reaches = new Map(others.map((to) => [to, broken[`${name}>${to}`] ?? 'reached']));
    const facts = { unit: { pid: 7 }, listeners: [{ port: 2380 }] };
    return { member, found: { member, facts, reaches } as unknown as ExaminedMember };
  });
  const cluster = { seen, isWhole: false } as unknown as ExaminedCluster;
  return seen.flatMap(({ found }) => {
    const cause = networkCause(found, cluster, []);
    return cause === undefined ? [] : [`${found.member.name}: ${cause.sentence}`];
  });
}

const none: Reach = 'no answer';

test('networkCause() has nothing to say where all connect, or where nobody could try', (t) => {
  t.deepEqual(told({}), []);
  t.deepEqual(told({ 'r1>r3': 'unknown' }), []);
});

test('networkCause() names the one that nobody reaches and that reaches nobody, not those that miss it', (t) => {
  t.deepEqual(told({ 'r1>r3': none, 'r2>r3': none, 'r3>r1': none, 'r3>r2': none }), [
    'r3: cannot reach the peer port of r1, r2, nor can r1, r2 reach its own (2380): no answer',
  ]);
});

test('networkCause() tells one direction from the other', (t) => {
  t.deepEqual(told({ 'r1>r3': none, 'r2>r3': none }), [
    'r3: r1, r2 cannot reach its peer port 2380: no answer',
  ]);
  t.deepEqual(told({ 'r3>r1': 'no route', 'r3>r2': 'no route' }), [
    'r3: cannot reach the peer port of r1, r2: no route',
  ]);
});

test('networkCause() tells a pair once, with its first member', (t) => {
  t.deepEqual(told({ 'r1>r3': none, 'r3>r1': none }), [
    'r1: cannot reach the peer port of r3, nor can r3 reach its own (2380): no answer',
  ]);
  t.deepEqual(told({ 'r3>r2': none }), ['r2: r3 cannot reach its peer port 2380: no answer']);
});
