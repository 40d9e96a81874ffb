import test from 'ava';
import {
  endpointsOf,
  leftPort,
  servedBy,
  servesItselfAlone,
  servingOf,
} from '../../../src/plan/switching/serving.ts';
import { but, butAll, settled, stopped, wanted } from '../facts.ts';
import { runningAs, serving, switching } from '../switching.ts';

const { desired, before } = switching('https');
const back = switching('http').desired;
const NAMES = ['etcd01', 'etcd02', 'etcd03'];
const peers = new Map(NAMES.map((name) => [name, 'https'] as const));

/** All members in the stage, begun with this port and this in the member list. */
const staged = (...given: Parameters<typeof serving>) =>
  NAMES.reduce(
    (facts, name) => runningAs(facts, name, desired.window(peers, serving(...given))),
    before,
  );

test('servingOf() begins a stage with a port of its own for the new protocol', (t) => {
  t.deepEqual(servingOf(desired, before), serving());
});

test('servingOf() goes on with a stage as it was begun, in either direction', (t) => {
  for (const one of [desired, back]) {
    t.deepEqual(servingOf(one, staged()), serving());
    t.deepEqual(servingOf(one, staged(['https'], 4000)), serving(['https'], 4000));
    t.deepEqual(servingOf(one, staged(['http', 'https'], 2379)), serving(['http', 'https'], 2379));
  }
});

test('servingOf() asks the configuration where nothing runs', (t) => {
  t.deepEqual(servingOf(back, butAll(staged(['https'], 4000), stopped)), serving(['https'], 4000));
});

test('leftPort() is where the new protocol is served beside the client port', (t) => {
  t.is(leftPort(desired, before), undefined);
  t.is(leftPort(desired, staged()), 2378);
  t.is(leftPort(back, staged()), undefined);
  t.is(leftPort(desired, runningAs(before, 'etcd02', desired.withPort(2378))), 2378);
});

test('servedBy() are protocols and ports, each pair once', (t) => {
  t.deepEqual(servedBy(staged().members.get('etcd01')), [
    { protocol: 'http', port: 2379 },
    { protocol: 'https', port: 2378 },
  ]);
});

test('endpointsOf() shows what a member serves, or what others say of it', (t) => {
  const [first] = desired.target.members;
  if (first === undefined) throw new TypeError('a first member');
  const of = (members: typeof before.members) => endpointsOf(first, members);
  t.deepEqual(of(before.members), ['http://198.18.0.11:2379']);
  t.deepEqual(of(staged().members), ['http://198.18.0.11:2379', 'https://198.18.0.11:2378']);
  const unreachable = new Map([...before.members].filter(([name]) => name !== 'etcd01'));
  t.deepEqual(of(unreachable), ['http://198.18.0.11:2379']);
  t.deepEqual(of(new Map()), ['https://198.18.0.11:2379']);
});

test('servesItselfAlone() is about a process whose client listeners are all loopback', (t) => {
  const listening = (urls: string) => {
    const facts = but(settled(wanted()), 'etcd01', ({ unit }) => ({
      unit: {
        ...unit,
        process: unit.process && {
          ...unit.process,
          environment: new Map([['ETCD_LISTEN_CLIENT_URLS', urls]]),
        },
      },
    }));
    return servesItselfAlone(facts.members.get('etcd01'));
  };
  const table: readonly (readonly [string, boolean])[] = [
    ['https://127.0.0.1:2379', true],
    ['http://[::1]:2379,http://127.0.1.1:2379/', true],
    ['http://localhost:2379', true],
    ['https://198.18.0.11:2379,https://127.0.0.1:2379', false],
    ['https://0.0.0.0:2379', false],
    ['https://[::]:2379', false],
    ['http://127.0.0.1.example.com:2379', false],
    ['', false],
  ];
  t.deepEqual(
    table.map(([urls]) => [urls, listening(urls)]),
    table,
  );
  t.is(servesItselfAlone(undefined), false);
  t.is(servesItselfAlone(butAll(settled(wanted()), stopped).members.get('etcd01')), false);
});
