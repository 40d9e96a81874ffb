import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { inspectRequest, makeRequest } from '../../../src/pki/encoding/csr.ts';
import { generateKey, publicKeyBytes, samePublicKey } from '../../../src/pki/keys/keys.ts';
import { foreignRequest, openssl, P256, scratch } from '../workshop.ts';

const wanted = {
  subject: [
    { type: 'C', value: 'CN' },
    { type: 'O', value: 'system:masters' },
    { type: 'CN', value: 'kube-apiserver' },
  ],
  names: ['*.etcd.svc', '10.0.0.5'],
};

test('makeRequest() makes a request that openssl verifies and reads', async (t) => {
  const pair = await generateKey(P256);
  const path = join(await scratch(t), 'csr');
  await writeFile(path, await makeRequest(wanted, pair));
  const shown = await openssl('req', '-in', path, '-noout', '-verify', '-text');
  t.regex(shown, /Subject: C = CN, O = system:masters, CN = kube-apiserver/);
  t.regex(shown, /DNS:\*\.etcd\.svc, IP Address:10\.0\.0\.5/);
});

test('inspectRequest() gives back what makeRequest() asked for', async (t) => {
  for (const kind of [P256, { algo: 'rsa', size: 2048 } as const]) {
    const pair = await generateKey(kind);
    const { fact, publicKey } = inspectRequest(await makeRequest(wanted, pair), 'f');
    t.true(samePublicKey(publicKey, pair.publicKey));
    t.deepEqual<unknown, unknown>(fact, {
      ...wanted,
      usages: [],
      keyUsages: [],
      key: kind,
      wantsCa: false,
      signatureAlgorithm: kind.algo === 'rsa' ? 'sha256WithRSAEncryption' : 'ecdsa-with-SHA256',
    });
  }
});

test('inspectRequest() reads what openssl asks for', async (t) => {
  const csr = await foreignRequest(
    t,
    ['ed25519'],
    ...['-addext', 'subjectAltName=DNS:a,IP:::1', '-addext', 'extendedKeyUsage=clientAuth'],
    ...['-addext', 'basicConstraints=CA:TRUE'],
  );
  t.deepEqual(inspectRequest(csr, 'f').fact, {
    subject: [{ type: 'CN', value: 'x' }],
    names: ['a', '::1'],
    usages: ['clientAuth'],
    keyUsages: [],
    key: { algo: 'ed25519', size: 256 },
    wantsCa: true,
    signatureAlgorithm: 'Ed25519',
  });
});

test('inspectRequest() refuses a request whose key was exchanged', async (t) => {
  const [one, two] = [await generateKey(P256), await generateKey(P256)];
  const csr = await makeRequest(wanted, one);
  const der = Buffer.from(csr.split('\n').slice(1, -2).join(''), 'base64');
  publicKeyBytes(two.publicKey).copy(der, der.indexOf(publicKeyBytes(one.publicKey)));
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  t.throws(() => inspectRequest(forged, 'f'), {
    name: 'Failure',
    message: 'f: its signature (ecdsa-with-SHA256) does not verify',
  });
});

test('inspectRequest() refuses SHA-1', async (t) => {
  const csr = await foreignRequest(t, ['rsa:2048'], '-sha1');
  t.throws(() => inspectRequest(csr, 'f'), {
    message: 'f: its signature (sha1WithRSAEncryption) does not verify',
  });
});

test('inspectRequest() says so for anything else', (t) => {
  const block = '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n';
  t.throws(() => inspectRequest('', 'f'), {
    message: 'f: does not hold one certificate signing request',
  });
  t.throws(() => inspectRequest(block, 'f'), {
    message: 'f: the request lacks a part it must have',
  });
});
