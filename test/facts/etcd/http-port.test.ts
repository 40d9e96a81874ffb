import { createServer } from 'node:https';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { askOver } from '../../../src/facts/etcd/http-port.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { type CertificatePair, readCaCertificate, readPair } from '../../../src/pki/store/store.ts';
import { scratch } from '../../pki/workshop.ts';
import { NOW, wanted } from '../../plan/facts.ts';
import { listening } from '../listening.ts';

/** The same connection through another one, which says late that something was sent. */
function late(inner: Duplex): Duplex {
  const outer = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, sent) {
      inner.write(chunk, () => sleep(20).then(() => sent()));
    },
    destroy(error, done) {
      inner.destroy();
      done(error);
    },
  });
  inner.on('data', (chunk: Buffer) => outer.push(chunk));
  inner.on('error', () => {});
  inner.on('end', () => outer.push(null));
  return outer;
}

/** A store with a CA, the admin's pair and that of a member's listener. */
async function withPairs(t: ExecutionContext) {
  const store = await scratch(t);
  const desired = wanted();
  if (desired.ca === undefined) throw new Error('a cluster has a CA');
  await createCa(store, desired.ca, NOW);
  const ca = await unlockCa(store, NOW);
  const [admin, listener] = ['admin', 'etcd01/server'].map((id) =>
    desired.certificates.find((one) => one.id === id),
  );
  if (admin === undefined || listener === undefined) throw new Error('a cluster has both');
  await issue(store, admin, NOW, ca);
  await issue(store, listener, NOW, ca);
  const address = desired.members[0]?.listener.address ?? '';
  return {
    own: {
      pair: await readPair(store, 'admin'),
      ca: { bundle: await readCaCertificate(store), address },
    },
    served: await readPair(store, 'etcd01/server'),
  };
}

/** What a listener with this pair heard: of each connection, whether it went on from an earlier one. */
async function listen(t: ExecutionContext, served: CertificatePair) {
  const reused: boolean[] = [];
  const server = createServer(
    { cert: served.certificate, key: served.key.reveal() },
    (one, response) => response.end(one.url),
  );
  server.on('secureConnection', (socket) => reused.push(socket.isSessionReused()));
  return { ...(await listening(t, server)), reused };
}

test('askOver() goes on from its last handshake, and makes a new one with another process', async (t) => {
  const { own, served } = await withPairs(t);
  const [first, second] = [await listen(t, served), await listen(t, served)];
  const ask = async (dial: typeof first.dial) =>
    (await askOver(dial, [{ path: '/it' }], own, 2))?.map(({ text }) => text);
  for (const { dial } of [first, first, second, second]) t.deepEqual(await ask(dial), ['/it']);
  t.deepEqual(
    [first.reused, second.reused],
    [
      [false, true],
      [false, true],
    ],
  );
});

test('askOver() trusts nobody for the sake of an earlier handshake', async (t) => {
  const [ours, others] = [await withPairs(t), await withPairs(t)];
  const [first, stranger] = [await listen(t, ours.served), await listen(t, others.served)];
  const ask = (dial: typeof first.dial, own = ours.own) => askOver(dial, [{ path: '/it' }], own, 2);
  t.is((await ask(first.dial))?.length, 1);
  t.is(await ask(stranger.dial), undefined);
  t.is((await ask(stranger.dial, others.own))?.length, 1);
  t.is(await ask(stranger.dial), undefined);
  t.is((await ask(first.dial))?.length, 1);
});

test('askOver() hears every answer, also where one comes before its question is seen to be sent', async (t) => {
  const store = await scratch(t);
  const desired = wanted();
  const admin = desired.certificates.find(({ id }) => id === 'admin');
  if (desired.ca === undefined || admin === undefined) throw new Error('a cluster has an admin');
  await createCa(store, desired.ca, NOW);
  await issue(store, admin, NOW, await unlockCa(store, NOW));
  const pair = await readPair(store, 'admin');
  const server = createServer({ cert: pair.certificate, key: pair.key.reveal() }, (one, response) =>
    response.end(one.url),
  );
  const { dial } = await listening(t, server);
  const questions = ['/first', '/second', '/third'].map((path) => ({ path, body: '{}' }));
  const answers = await askOver(async () => late(await dial()), questions, { pair }, 2);
  t.deepEqual(
    answers?.map(({ text }) => text),
    ['/first', '/second', '/third'],
  );
});
