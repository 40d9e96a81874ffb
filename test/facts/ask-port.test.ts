import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { askPort } from '../../src/facts/ask-port.ts';
import { createCa } from '../../src/pki/create-ca.ts';
import { issue } from '../../src/pki/issue.ts';
import { unlockCa } from '../../src/pki/unlock-ca.ts';
import { scratch } from '../pki/workshop.ts';
import { NOW, wanted } from '../plan/facts.ts';
import { listening } from './listening.ts';

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
