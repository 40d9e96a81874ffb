import { createServer } from 'node:https';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { askOver } from '../../../src/facts/etcd/http-port.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { readPair } from '../../../src/pki/store/store.ts';
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
