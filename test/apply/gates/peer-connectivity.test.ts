import { once } from 'node:events';
import { createServer } from 'node:http';
import { createConnection } from 'node:net';
import test from 'ava';
import { askLinks, readLinks } from '../../../src/apply/gates/peer-connectivity.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { machines } from '../machine.ts';

// As etcd 3.5.30 prints them; the second id has a leading zero that etcd leaves out.
const METRICS = `# HELP etcd_network_active_peers The current number of active peer connections.
# TYPE etcd_network_active_peers gauge
etcd_network_active_peers{Local="fa80dd576a4b1d9e",Remote="15a5665230d08730"} 1
etcd_network_active_peers{Local="fa80dd576a4b1d9e",Remote="b5e571e259d0b0b"} 1
etcd_network_active_peers{Local="fa80dd576a4b1d9e",Remote="cb5e571e259d0b0b"} 0
etcd_network_client_grpc_received_bytes_total 1.234e+06
`;
const REACHED = new Set(['15a5665230d08730', '0b5e571e259d0b0b']);

test('readLinks() gives the ids of peers with a connection, in full length', (t) => {
  t.deepEqual(readLinks(METRICS), REACHED);
  t.deepEqual(readLinks('etcd_server_has_leader 1\n'), new Set());
});

test('askLinks() asks the client port, and knows nothing of a member it cannot ask', async (t) => {
  const all = await machines(t);
  const [member] = all.desired.members;
  const host = all.hosts.get(member?.name ?? '');
  if (member === undefined || host === undefined) throw new Error('there is a machine');
  const server = createServer(({ url }, answer) => {
    answer.statusCode = url === '/metrics' ? 200 : 404;
    answer.end(METRICS);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ask = (dial: typeof host.dial) => askLinks(member, { ...host, dial }, all.site(1));

  t.deepEqual(await ask(async () => createConnection(port, '127.0.0.1')), REACHED);
  t.is(
    await ask(() =>
      Promise.reject(new Failure('unreachable', 'etcd01: connection refused', { next: [] })),
    ),
    undefined,
  );
});
