import test from 'ava';
import { readConnections } from '../../../src/facts/clients/connections.ts';

const ROWS = `198.18.0.11:2379 198.18.0.1:40000 users:(("etcd",pid=7,fd=9))
198.18.0.11:2379 198.18.0.1:40001 users:(("etcd",pid=7,fd=10))
[::ffff:198.18.0.11]:2379 [::ffff:198.18.0.2]:40000 users:(("etcd",pid=7,fd=11))
127.0.0.1:2379 127.0.0.1:50000 users:(("etcd",pid=7,fd=12))
127.0.0.1:50000 127.0.0.1:2379 users:(("kube-apiserver",pid=99,fd=3))
198.18.0.11:2379 198.18.0.11:50001 users:(("etcd",pid=7,fd=13))
198.18.0.11:50001 198.18.0.11:2379 users:(("etcd",pid=7,fd=14))
198.18.0.11:2379 198.18.0.11:50002 users:(("etcd",pid=7,fd=15))
198.18.0.11:50002 198.18.0.11:2379 users:(("sshd-session",pid=8,fd=4))
`;

const answer = (times: string, note: string) => `${ROWS}== times\n${times}\n== note\n${note}\n`;
const clients = (isOlder: readonly (boolean | undefined)[]) =>
  ['198.18.0.1', '198.18.0.1', '198.18.0.2', 'kube-apiserver (127.0.0.1)'].map((client, at) => ({
    ...{ client, port: [40000, 40001, 40000, 50000][at], isOlder: isOlder[at] },
  }));

test('readConnections() leaves out our own ways in, and names what runs on the host itself', (t) => {
  const note = '198.18.0.1:40000\n[::ffff:198.18.0.2]:40000';
  t.deepEqual(readConnections(answer('100\n200', note), 2379), clients([true, false, true, false]));
});

test('readConnections() knows that all are younger where the member started after its leaves came', (t) => {
  const all = clients([false, false, false, false]);
  t.deepEqual(readConnections(answer('300\n200', '198.18.0.1:40000'), 2379), all);
});

test('readConnections() does not guess where nobody noted who was connected', (t) => {
  t.deepEqual(readConnections(answer('100\n200', 'none'), 2379), clients([]));
  t.deepEqual(readConnections('== times\n0\n0\n== note\nnone\n', 2379), []);
});
