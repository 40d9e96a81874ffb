import { createServer as createHttp } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { askPort, speaksPlainly } from '../../../src/facts/etcd/ask-port.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { readPair } from '../../../src/pki/store/store.ts';
import { scratch } from '../../pki/workshop.ts';
import { NOW, wanted } from '../../plan/facts.ts';
import { listening } from '../listening.ts';

async function storeWithAdmin(t: ExecutionContext): Promise<string> {
  const store = join(await scratch(t), 'prod.pki');
  const desired = wanted();
  const admin = desired.certificates.find(({ id }) => id === 'admin');
  if (desired.ca === undefined || admin === undefined) throw new Error('a cluster has an admin');
  await createCa(store, desired.ca, NOW);
  await issue(store, admin, NOW, await unlockCa(store, NOW));
  return store;
}

test('askPort() asks without TLS too, for a member whose protocol is being switched', async (t) => {
  const server = createHttp((request, response) => response.end(`${request.url} in plain words`));
  const { dial, dials } = await listening(t, server);
  const answer = await askPort(dial, '/members', await storeWithAdmin(t), 5);
  t.is(answer?.text, '/members in plain words');
  t.is(dials(), 2);
});

test('askPort() does not ask a port again that says nothing at all', async (t) => {
  const { dial, dials } = await listening(t, createServer());
  t.is(await askPort(dial, '/members', await storeWithAdmin(t), 0.3), undefined);
  t.is(dials(), 1);
});

test('askPort() asks without TLS a port that hangs up at the first word of it, as client ports of etcd do', async (t) => {
  const first = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (first.size === 0) return first.add(socket) && socket.once('data', () => socket.end());
    return socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  const { dial } = await listening(t, server);
  t.is((await askPort(dial, '/metrics', await storeWithAdmin(t)))?.text, 'ok');
});

test('askPort() says nothing in plain http to a listener with TLS, even one that refuses it', async (t) => {
  const store = await storeWithAdmin(t);
  const pair = await readPair(store, 'admin');
  const said: string[] = [];
  const server = createTls({
    cert: pair.certificate,
    key: pair.key.reveal(),
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('tlsClientError', (error) => said.push(error.message));
  const { dial, dials } = await listening(t, server);
  t.is(await askPort(dial, '/members', store, 1), undefined);
  t.is(dials(), 1);
  t.false(await speaksPlainly(dial, store, 1));
  t.false(said.some((one) => one.includes('http request')));
});

test('speaksPlainly() is true where the store has nobody to speak TLS as, and of a listener without it', async (t) => {
  const { dial, dials } = await listening(
    t,
    createHttp((_, response) => response.end('x')),
  );
  t.true(await speaksPlainly(dial, join(await scratch(t), 'none.pki'), 1));
  t.is(dials(), 0);
  t.true(await speaksPlainly(dial, await storeWithAdmin(t), 1));
});
