import test from 'ava';
import { desiredCa } from '../../../src/desired/certificates.ts';
import { inventorySchema } from '../../../src/inventory/schema.ts';
import {
  createNextCa,
  dropNextCa,
  observeRotation,
  promoteCa,
  recordConsent,
  recordProof,
  retireCa,
} from '../../../src/pki/ca/ca-rotation.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { NOW, scratch } from '../workshop.ts';

const ca = desiredCa(
  inventorySchema.parse({
    cluster: 'lab',
    etcd: { version: '3.5.30' },
    members: [{ name: 'etcd01', address: '198.18.0.1' }],
  }),
);
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

test('a rotation leaves in the store since when, who agreed, when it ended and when that was proven', async (t) => {
  const store = await scratch(t);
  const record = async () => (await observeRotation(store)).record;
  await createCa(store, ca, NOW);
  await recordProof(store, NOW);
  t.deepEqual(await record(), {});
  await createNextCa(store, ca, NOW);
  await promoteCa(store, after(1));
  await recordConsent(store, 'me@here', after(2));
  const begun = {
    since: after(1).toISOString(),
    consent: { at: after(2).toISOString(), by: 'me@here' },
  };
  t.deepEqual(await record(), begun);
  await retireCa(store, after(3));
  t.deepEqual(await record(), { ...begun, ended: after(3).toISOString() });
  await recordProof(store, after(4));
  const over = { ...begun, ended: after(3).toISOString(), proven: after(4).toISOString() };
  t.deepEqual(await record(), over);

  // The next one has a record of its own.
  await createNextCa(store, ca, after(5));
  t.deepEqual(await record(), {});
  await dropNextCa(store, after(6));
  t.deepEqual(await record(), {
    back: true,
    consent: { at: after(6).toISOString(), by: 'nobody used it' },
    ended: after(6).toISOString(),
  });
});
