import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { whyNotReady } from '../../src/facts/consumer-ready.ts';
import { createCa } from '../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../src/pki/issue/issue.ts';
import { readPair } from '../../src/pki/store/store.ts';
import { localHost } from '../host/local-host.ts';
import { scratch } from '../pki/workshop.ts';
import { NOW, wanted } from '../plan/facts.ts';
import { listening } from './listening.ts';

const here = localHost('here');

test('whyNotReady() takes 200 of a URL for yes, whatever certificate it shows, and nothing else', async (t) => {
  const store = await scratch(t);
  const desired = wanted();
  const server = desired.certificates.find(({ row }) => row === 'server');
  if (desired.ca === undefined || server === undefined) throw new TypeError('a member has one');
  await createCa(store, desired.ca, NOW);
  await issue(store, server, NOW, await unlockCa(store, NOW));
  const { certificate, key } = await readPair(store, server.id);
  const answer = (path: string | undefined) => (path === '/readyz?verbose' ? 200 : 500);
  const secure = createSecure({ cert: certificate, key: key.reveal() }, ({ url }, response) =>
    response.writeHead(answer(url)).end(),
  );
  const plain = createServer(({ url }, response) => response.writeHead(answer(url)).end());
  await listening(t, secure);
  await listening(t, plain);
  const at = (one: typeof plain) => `127.0.0.1:${(one.address() as AddressInfo).port}`;
  t.is(await whyNotReady(here, { url: `https://${at(secure)}/readyz?verbose` }), undefined);
  t.is(await whyNotReady(here, { url: `http://${at(plain)}/readyz?verbose` }), undefined);
  t.is(
    await whyNotReady(here, { url: `http://${at(plain)}/healthz` }),
    `http://${at(plain)}/healthz does not answer with 200`,
  );
  t.is(
    await whyNotReady(here, { url: `https://${at(plain)}/readyz?verbose` }),
    'the listener does not speak TLS',
  );
});

test('whyNotReady() takes code 0 of a command for yes, and says what it ends with else', async (t) => {
  t.is(await whyNotReady(here, { command: 'test 1 = "1"' }), undefined);
  t.is(
    await whyNotReady(here, { command: "echo first; echo 'not yet' >&2; exit 4" }),
    "echo first; echo 'not yet' >&2; exit 4 ends with 4: not yet",
  );
});
