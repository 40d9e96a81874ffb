import test from 'ava';
import {
  addresses,
  type PortUse,
  usersOf,
  usersOfPortAlone,
} from '../../../src/plan/ownership/port-use.ts';

const use = (client: string, port: number, ...protocols: PortUse['protocols']): PortUse => ({
  ...{ client, port, protocols, member: 'etcd01', connections: 3 },
});

const uses = [
  use('10.0.0.9', 2379, 'http'),
  use('10.0.0.8', 2378, 'https'),
  use('10.0.0.7', 2377, 'http', 'https'),
  use('apiserver (10.0.0.6)', 2379, 'http'),
];

test('usersOf() are those on the protocol, and those of whom it cannot be told', (t) => {
  t.deepEqual(usersOf(uses, 'http', []), ['10.0.0.7', '10.0.0.9', 'apiserver (10.0.0.6)']);
  t.deepEqual(usersOf(uses, 'https', []), ['10.0.0.7', '10.0.0.8']);
});

test('usersOf() leaves out who was named by address, also where its program is known', (t) => {
  t.deepEqual(usersOf(uses, 'http', ['10.0.0.6', '10.0.0.7']), ['10.0.0.9']);
});

test('usersOfPortAlone() are those not seen at the other port by the same protocol', (t) => {
  const at = (client: string, port: number) => use(client, port, 'https');
  const seen = [at('10.0.0.8', 2378), at('10.0.0.9', 2378), at('10.0.0.9', 2379)];
  t.deepEqual(usersOfPortAlone(seen, 2378, 'https', []), ['10.0.0.8']);
  t.deepEqual(usersOfPortAlone(seen, 2378, 'https', ['10.0.0.8']), []);
  // At an http port a client of https is not seen at all: this one is another client, or has not moved.
  t.deepEqual(
    usersOfPortAlone([at('10.0.0.8', 2378), use('10.0.0.8', 2379, 'http')], 2378, 'https', []),
    ['10.0.0.8'],
  );
});

test('addresses() names clients as an option takes them, each once', (t) => {
  t.is(addresses(['apiserver (10.0.0.6)', '10.0.0.6', '10.0.0.7']), '10.0.0.6,10.0.0.7');
});
