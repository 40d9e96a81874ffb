import test from 'ava';
import { readStreams } from '../../../src/apply/gates/streams.ts';

const PLACES = [
  { name: 'etcd02', address: '10.0.0.2', port: '2380' },
  { name: 'etcd03', address: 'etcd03.example', port: '2380' },
  { name: 'etcd04', address: 'fd00::4', port: '2380' },
];

/** What the host says in three looks. */
const looks = (...each: readonly (readonly string[])[]) =>
  ['at 10.0.0.2 10.0.0.2', 'at etcd03.example 10.0.0.3', 'at fd00::4 fd00::4', ...each.flat()].join(
    '\n',
  );
const steady = [
  ...['to 10.0.0.1:40001 10.0.0.2:2380', 'to 10.0.0.1:40002 10.0.0.2:2380'],
  ...['to 10.0.0.1:40003 10.0.0.3:2380', 'to 10.0.0.1:40004 10.0.0.3:2380'],
  ...['to [fd00::1]:40005 [fd00::4]:2380', 'to [fd00::1]:40006 [fd00::4]:2380'],
];

test('readStreams() knows peers by address, name and IPv6 address', (t) => {
  t.deepEqual(
    readStreams(looks(steady, steady, steady), PLACES),
    new Set(['etcd02', 'etcd03', 'etcd04']),
  );
});

test('readStreams() passes over connections that do not last, as those whose handshake fails', (t) => {
  const failing = (port: number) => [
    `to 10.0.0.1:${port} 10.0.0.2:2380`,
    `to 10.0.0.1:${port + 1} 10.0.0.2:2380`,
  ];
  const said = looks(failing(50001), failing(50003), failing(50005));
  t.deepEqual(readStreams(said, PLACES), new Set());
});

test('readStreams() takes one stream, or those that the others have made, for none', (t) => {
  const one = ['to 10.0.0.1:40001 10.0.0.2:2380', 'to 10.0.0.1:2380 10.0.0.3:40009'];
  t.deepEqual(readStreams(looks(one, one, one), PLACES), new Set());
});
