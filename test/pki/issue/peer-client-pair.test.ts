import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { peerClientPair } from '../../../src/pki/issue/peer-client-pair.ts';
import { scratch } from '../workshop.ts';

test('peerClientPair() shows nothing where the store has no CA of peers, and is nobody where it may not sign with it', async (t) => {
  const store = await scratch(t);
  await mkdir(join(store, 'peer-ca'), { recursive: true });
  t.is(await peerClientPair(store, 'r1'), undefined);
  await writeFile(join(store, 'peer-ca', 'ca.crt'), 'a CA');
  t.is(await peerClientPair(store, 'r1'), 'nobody');
});
