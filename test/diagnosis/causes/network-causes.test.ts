import test from 'ava';
import { clientPortCause, networkCause } from '../../../src/diagnosis/causes/network-causes.ts';
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

/** A member that runs, whose host reaches its client port like this, by the URL of its process and the ports it listens on. */
function ofClientPort(how: Reach | undefined, url: string | undefined, listening: number) {
  const one = {
    member: { name: 'r1', clientUrl: 'https://10.0.0.1:2379' },
    settings: new Map(url === undefined ? [] : [['ETCD_ADVERTISE_CLIENT_URLS', url]]),
    facts: { listeners: [{ port: listening }] },
    ownClientPort: how,
  } as unknown as ExaminedMember;
  return clientPortCause(one, [])?.sentence;
}

test('clientPortCause() names a client port that its own host does not reach, as its process has it', (t) => {
  t.is(
    ofClientPort(none, undefined, 2379),
    'it listens, but its own host cannot reach its client port 10.0.0.1:2379: no answer',
  );
  t.is(
    ofClientPort(none, 'https://10.0.0.1:2383,http://10.0.0.1:2379', 2383),
    'it listens, but its own host cannot reach its client port 10.0.0.1:2383: no answer',
  );
});

test('clientPortCause() has nothing to say where it is reached, was not asked, or listens nowhere', (t) => {
  t.is(ofClientPort('reached', undefined, 2379), undefined);
  t.is(ofClientPort('refused', undefined, 2379), undefined);
  t.is(ofClientPort(undefined, undefined, 2379), undefined);
  t.is(ofClientPort(none, undefined, 2380), undefined);
});
