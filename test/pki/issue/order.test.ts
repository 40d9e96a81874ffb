import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { makeRequest } from '../../../src/pki/encoding/csr.ts';
import { fillOrder, fillRequest, type Order } from '../../../src/pki/issue/order.ts';
import { generateKey } from '../../../src/pki/keys/keys.ts';
import { serviceNames } from '../../../src/pki/names.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { foreignRequest, makeCa, NOW, P256 } from '../workshop.ts';

const order: Order = {
  profile: 'client',
  subject: [{ type: 'CN', value: 'kube-proxy' }],
  names: [],
  hours: 24,
};

for (const [profile, names, usages] of [
  ['client', [], ['clientAuth']],
  ['server', ['a'], ['serverAuth']],
  ['peer', ['a'], ['serverAuth', 'clientAuth']],
] as const) {
  test(`fillOrder() makes a ${profile} certificate`, async (t) => {
    const ca = await makeCa();
    const { certificate, privateKey } = await fillOrder(
      { ...order, profile, names },
      P256,
      ca,
      NOW,
    );
    const fact = inspectCertificate(certificate);
    t.deepEqual([fact.usages, fact.names, fact.subject], [usages, names, order.subject]);
    t.true(new X509Certificate(certificate).checkPrivateKey(privateKey));
  });
}

test('fillOrder() covers the four shapes of a headless service', async (t) => {
  const names = serviceNames('etcd', 'kube-system');
  const { certificate } = await fillOrder(
    { ...order, profile: 'peer', names },
    P256,
    await makeCa(),
    NOW,
  );
  t.deepEqual(inspectCertificate(certificate).names, [
    'etcd.kube-system.svc',
    '*.etcd.kube-system.svc',
    'etcd.kube-system.svc.cluster.local',
    '*.etcd.kube-system.svc.cluster.local',
  ]);
});

test('fillOrder() refuses a server without a name', async (t) => {
  await t.throwsAsync(fillOrder({ ...order, profile: 'server' }, P256, await makeCa(), NOW), {
    name: 'Failure',
    message: 'CN=kube-proxy: a server certificate without a name is refused by every client',
  });
});

const asked = { subject: [{ type: 'CN', value: 'asked' }], names: ['asked.example', '10.0.0.9'] };

test('fillRequest() takes subject, names and key of the request, and usages of the order', async (t) => {
  const pair = await generateKey(P256);
  const csr = await makeRequest(asked, pair);
  const certificate = await fillRequest(csr, 'f', { ...order, subject: [] }, await makeCa(), NOW);
  const fact = inspectCertificate(certificate);
  t.deepEqual(
    [fact.subject, fact.names, fact.usages],
    [asked.subject, asked.names, ['clientAuth']],
  );
  t.true(new X509Certificate(certificate).checkPrivateKey(pair.privateKey));
});

test('fillRequest() lets the order overrule subject and names', async (t) => {
  const csr = await makeRequest(asked, await generateKey(P256));
  const certificate = await fillRequest(
    csr,
    'f',
    { ...order, names: ['mine'] },
    await makeCa(),
    NOW,
  );
  const fact = inspectCertificate(certificate);
  t.deepEqual([fact.subject, fact.names], [order.subject, ['mine']]);
});

test('fillRequest() refuses who wants to be a CA', async (t) => {
  const csr = await foreignRequest(t, ['ed25519'], '-addext', 'basicConstraints=CA:TRUE');
  await t.throwsAsync(fillRequest(csr, 'f', order, await makeCa(), NOW), {
    message: 'f: asks to be a CA',
  });
});

test('fillRequest() refuses short and exotic keys', async (t) => {
  const request = (...newKey: readonly string[]) => foreignRequest(t, newKey);
  const ca = await makeCa();
  await t.throwsAsync(fillRequest(await request('rsa:1024'), 'f', order, ca, NOW), {
    message: 'f: has an RSA key of 1024 bits, fewer than 2048',
  });
  await t.throwsAsync(
    fillRequest(
      await request('ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'),
      'f',
      order,
      ca,
      NOW,
    ),
    {
      message: 'f: has a key of kind ecdsa secp256k1, which Go does not take',
    },
  );
});
