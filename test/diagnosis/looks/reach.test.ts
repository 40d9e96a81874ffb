import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { reach } from '../../../src/diagnosis/looks/reach.ts';
import type { Host } from '../../../src/host/host.ts';
import { peerClientPair } from '../../../src/pki/issue/peer-client-pair.ts';
import { listening } from '../../facts/listening.ts';
import { scratch } from '../../pki/workshop.ts';

/** What reach() says, and what the listener hears, of somebody whose store has nothing to speak TLS as. */
async function heard(t: ExecutionContext, speaksTls: boolean) {
  const said: string[] = [];
  let closed: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      said.push(data.toString().split('\r\n')[0] ?? '');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    });
    socket.on('close', closed);
  });
  const { dial } = await listening(t, server);
  const host: Pick<Host, 'dial'> = {
    dial: async () => {
      const socket = await dial();
      await once(socket, 'connect');
      return socket;
    },
  };
  const place = { address: '127.0.0.1', port: 2380, speaksTls };
  const store = join(await scratch(t), 'none.pki');
  const told = await reach(host as Host, place, store, () => peerClientPair(store, 'etcd01'));
  await end;
  return { told, said };
}

test('reach() says nothing in plain http to a port with TLS: it only connects', async (t) => {
  t.deepEqual(await heard(t, true), { told: 'reached', said: [] });
});

test('reach() asks a port without TLS', async (t) => {
  t.deepEqual(await heard(t, false), { told: 'reached', said: ['GET /version HTTP/1.1'] });
});
