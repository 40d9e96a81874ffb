import test from 'ava';
import { readClients, type ServedPort } from '../../../src/facts/clients/clients.ts';

const HTTP: ServedPort = { port: 2379, isTlsOnly: false };
const HTTPS: ServedPort = { port: 2378, isTlsOnly: true };
const INFO = '\t cubic wscale:10,10 rto:204 rtt:0.1/0.05 cwnd:10';

/** A row of `ss` with what its kernel says of bytes. */
const row = (here: string, there: string, bytes: string, process = '') =>
  `${here} ${there} ${process}${INFO} ${bytes}`;
const answer = (open: readonly string[], ended: readonly string[]) =>
  [...open, '== ended', ...ended, ''].join('\n');

const reads = test.macro(
  (t, open: readonly string[], ended: readonly string[], expected: readonly unknown[]) => {
    t.deepEqual(readClients(answer(open, ended), [HTTP, HTTPS]), expected);
  },
);

test(
  'readClients() counts open and ended connections, each once',
  reads,
  [
    row(
      '198.18.0.11:2379',
      '198.18.0.1:40000',
      'bytes_sent:150 bytes_acked:151',
      'users:(("etcd",pid=9,fd=7))',
    ),
  ],
  [
    row('198.18.0.11:2379', '198.18.0.1:40000', 'bytes_sent:150 bytes_acked:152', '-'),
    row('198.18.0.11:2379', '198.18.0.1:40001', 'bytes_acked:306 bytes_received:80', '-'),
    row('198.18.0.11:2378', '198.18.0.1:40002', 'bytes_sent:1900', '-'),
    row('[fd00::11]:2378', '[fd00::9]:40002', 'bytes_sent:1900', '-'),
    row('198.18.0.11:22', '198.18.0.1:40003', 'bytes_sent:1900', '-'),
  ],
  [
    { client: '198.18.0.1', port: 2378, connections: 1 },
    { client: '198.18.0.1', port: 2379, connections: 2 },
    { client: 'fd00::9', port: 2378, connections: 1 },
  ],
);

test(
  'readClients() passes over who spoke the wrong protocol: TLS is not answered, plain http in a line',
  reads,
  [],
  [
    row('198.18.0.11:2379', '198.18.0.1:40001', 'bytes_acked:1 bytes_received:306', '-'),
    row(
      '198.18.0.11:2378',
      '198.18.0.1:40002',
      'bytes_sent:77 bytes_acked:79 bytes_received:80',
      '-',
    ),
  ],
  [],
);

test(
  'readClients() counts a connection of which the kernel says nothing',
  reads,
  ['198.18.0.11:2379 198.18.0.1:40001 users:(("etcd",pid=9,fd=7))'],
  [],
  [{ client: '198.18.0.1', port: 2379, connections: 1 }],
);

test(
  'readClients() names programs of the host itself, without our own, and those that ended unseen, if not one alone',
  reads,
  [
    row('198.18.0.11:2379', '198.18.0.11:40000', 'bytes_sent:150', 'users:(("etcd",pid=9,fd=7))'),
    row(
      '198.18.0.11:40000',
      '198.18.0.11:2379',
      'bytes_sent:150',
      'users:(("kube-apiserver",pid=10,fd=7))',
    ),
    row('127.0.0.1:2379', '127.0.0.1:40001', 'bytes_sent:150', 'users:(("etcd",pid=9,fd=8))'),
    row('127.0.0.1:40001', '127.0.0.1:2379', 'bytes_sent:150', 'users:(("etcd",pid=9,fd=9))'),
  ],
  [
    row('198.18.0.11:2379', '198.18.0.11:40005', 'bytes_sent:150', '-'),
    row('127.0.0.1:2379', '127.0.0.1:40005', 'bytes_sent:150', '-'),
    row('127.0.0.1:2379', '127.0.0.1:40006', 'bytes_sent:150', '-'),
  ],
  [
    { client: 'a program of this host (127.0.0.1)', port: 2379, connections: 2 },
    { client: 'kube-apiserver (198.18.0.11)', port: 2379, connections: 1 },
  ],
);
