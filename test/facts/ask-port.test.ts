import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { askPort } from '../../src/facts/ask-port.ts';
import { createCa } from '../../src/pki/create-ca.ts';
import { issue } from '../../src/pki/issue.ts';
import { unlockCa } from '../../src/pki/unlock-ca.ts';
import { scratch } from '../pki/workshop.ts';
import { NOW, wanted } from '../plan/facts.ts';

async function storeWithAdmin(t: ExecutionContext): Promise<string> {
  const store = join(await scratch(t), 'prod.pki');
  const desired = wanted();
  const admin = desired.certificates.find(({ id }) => id === 'admin');
  if (desired.ca === undefined || admin === undefined) throw new Error('a cluster has an admin');
  await createCa(store, desired.ca, NOW);
  await issue(store, admin, NOW, await unlockCa(store, NOW));
  return store;
}

/** Listens on loopback; gives how to dial it and how often it was. */
async function listening(t: ExecutionContext, server: Server) {
  let dials = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const dial = async () => {
    dials += 1;
    return createConnection(port, '127.0.0.1');
  };
  return { dial, dials: () => dials };
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
