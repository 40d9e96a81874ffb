import test from 'ava';
import {
  clientPortCause,
  clientPortRemarks,
  networkCause,
} from '../../../src/diagnosis/causes/network-causes.ts';
import type { ExaminedCluster, ExaminedMember } from '../../../src/diagnosis/looks/examined.ts';
import type { Reach } from '../../../src/diagnosis/looks/reach.ts';

const NAMES = ['r1', 'r2', 'r3'];

/** Three members that run and listen, of which those pairs `r1>r2` do not connect. */
function told(
  broken: Readonly<Record<string, Reach>>,
  listening: string | undefined = undefined,
): readonly string[] {
  const seen = NAMES.map((name, at) => {
    const member = { name, peerUrl: `https://10.0.0.${at + 1}:2380` };
    const others = NAMES.filter((one) => one !== name);
    const reaches = new Map(others.map((to) => [to, broken[`${name}>${to}`] ?? 'reached']));
    const facts = { unit: { pid: 7 } };
    const listeners = [{ port: 2380, address: listening ?? `10.0.0.${at + 1}` }];
    const found = { member, facts, reaches, listeners } as unknown as ExaminedMember;
    return { member, found };
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

test('networkCause() names who rejects what is dialled, where a process is known to listen right there', (t) => {
  const rejected: Readonly<Record<string, Reach>> = { 'r1>r3': 'refused', 'r2>r3': 'refused' };
  const [cause] = told(rejected);
  t.is(cause, 'r3: r1, r2 cannot reach its peer port 2380: the connection is refused on the way');
  t.deepEqual(told(rejected, '0.0.0.0'), told(rejected));
  t.deepEqual(told(rejected, '127.0.0.1'), []);
});

/** A member that runs, whose host reaches its client port like this, by the URL of its process and the ports it listens on. */
function ofClientPort(
  how: Reach | undefined,
  url: string | undefined,
  listening: number,
  address = '10.0.0.1',
) {
  const one = {
    member: { name: 'r1', clientUrl: 'https://10.0.0.1:2379' },
    settings: new Map(url === undefined ? [] : [['ETCD_ADVERTISE_CLIENT_URLS', url]]),
    listeners: [{ port: listening, address }],
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

test('clientPortCause() names a client port that rejects what its own host says to it', (t) => {
  const cause =
    'it listens, but its own host cannot reach its client port 10.0.0.1:2379: the connection is refused on the way';
  t.is(ofClientPort('refused', undefined, 2379), cause);
  t.is(ofClientPort('refused', undefined, 2379, '*'), cause);
});

test('clientPortCause() has nothing to say where it is reached, was not asked, or listens nowhere', (t) => {
  t.is(ofClientPort('reached', undefined, 2379), undefined);
  t.is(ofClientPort('refused', undefined, 2379, '127.0.0.1'), undefined);
  t.is(ofClientPort('refused', undefined, 2380), undefined);
  t.is(ofClientPort(undefined, undefined, 2379), undefined);
  t.is(ofClientPort(none, undefined, 2380), undefined);
});

/** What is told of the client port of r3, which answers its own host, by how the others reach its peer port and that. */
function filtered(clients: Readonly<Record<string, Reach>>, peers: Reach = 'reached') {
  const seen = NAMES.map((name, at) => {
    const member = {
      name,
      peerUrl: `https://10.0.0.${at + 1}:2380`,
      clientUrl: `https://10.0.0.${at + 1}:2379`,
    };
    const listeners =
      member.name === 'r3' ? [{ port: 2379, address: '10.0.0.3' }, { port: 2380 }] : [];
    const reaches = new Map([['r3', peers]]);
    const how = clients[name];
    const clientReaches = new Map(how === undefined ? [] : [['r3', how]]);
    const facts = { unit: { pid: 7 }, etcd: { healthy: true } };
    const found = { member, facts, listeners, reaches, clientReaches, settings: new Map() };
    return { member, found: found as unknown as ExaminedMember };
  });
  return clientPortRemarks({ seen, isWhole: true } as unknown as ExaminedCluster).map(
    ({ sentence }) => sentence,
  );
}

test('clientPortRemarks() says which hosts do not reach the client port of a member that answers', (t) => {
  const begins = 'r3 answers on its own host, but';
  t.deepEqual(filtered({ r1: none, r2: none }), [
    `${begins} r1, r2 cannot reach its client port 10.0.0.3:2379: no answer`,
  ]);
  t.deepEqual(filtered({ r1: 'reached', r2: 'refused' }), [
    `${begins} r2 cannot reach its client port 10.0.0.3:2379: the connection is refused on the way`,
  ]);
});

test('clientPortRemarks() is silent where all reach it, nobody could try, or the hosts do not reach each other at all', (t) => {
  t.deepEqual(filtered({ r1: 'reached', r2: 'unknown' }), []);
  t.deepEqual(filtered({}), []);
  t.deepEqual(filtered({ r1: none, r2: none }, none), []);
});
