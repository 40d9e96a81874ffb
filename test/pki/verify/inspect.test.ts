import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { inspectBundle, inspectCertificate, inspectDer } from '../../../src/pki/verify/inspect.ts';
import { foreignCertificate, makeCa, makeLeaf, openssl, scratch } from '../workshop.ts';

test('inspectCertificate() reads a certificate that openssl made', async (t) => {
  const directory = await scratch(t);
  const paths = await foreignCertificate(
    directory,
    '/C=CN/ST=Beijing/O=北京/OU=a,b/CN=etcd',
    [
      'subjectAltName=DNS:ETCD.svc,IP:10.0.0.5,IP:fd00::5,DNS:10.0.0.6,email:a@b.c,URI:spiffe://x/y,RID:1.2.3',
      'extendedKeyUsage=clientAuth,1.2.3.4',
      'keyUsage=digitalSignature,keyAgreement,decipherOnly',
      'basicConstraints=CA:FALSE',
      '1.2.3.4.5=critical,DER:0500',
    ],
    '-set_serial',
    '0x00ff',
  );
  const fact = inspectCertificate(await readFile(paths.certificate, 'utf8'));
  const says = async (flag: string) =>
    (await openssl('x509', '-in', paths.certificate, '-noout', flag, '-sha256'))
      .split('=')[1]
      ?.trim() ?? '';
  const subject = [
    { type: 'C', value: 'CN' },
    { type: 'ST', value: 'Beijing' },
    { type: 'O', value: '北京' },
    { type: 'OU', value: 'a,b' },
    { type: 'CN', value: 'etcd' },
  ];
  t.deepEqual(fact, {
    serial: 'ff',
    subject,
    issuer: subject,
    notBefore: new Date(await says('-startdate')),
    notAfter: new Date(await says('-enddate')),
    names: [
      'etcd.svc',
      '10.0.0.5',
      'fd00::5',
      'DNS:10.0.0.6',
      'a@b.c',
      'spiffe://x/y',
      'other:[8]',
    ],
    usages: ['clientAuth', '1.2.3.4'],
    keyUsages: ['digitalSignature', 'keyAgreement', 'decipherOnly'],
    isCa: false,
    pathLength: undefined,
    nameConstraints: undefined,
    key: { algo: 'ecdsa', size: 256 },
    fingerprint256: (await says('-fingerprint')).replaceAll(':', '').toLowerCase(),
    publicKeySha256: fact.publicKeySha256,
    subjectKeyId: fact.subjectKeyId,
    authorityKeyId: fact.authorityKeyId,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    isSelfSigned: true,
    misspelt: [],
    unknownCritical: ['1.2.3.4.5'],
  });
  const spki = join(directory, 'spki.der');
  const pem = join(directory, 'spki.pem');
  await writeFile(pem, await openssl('x509', '-in', paths.certificate, '-noout', '-pubkey'));
  await openssl('pkey', '-pubin', '-in', pem, '-outform', 'DER', '-out', spki);
  t.is(fact.publicKeySha256, (await openssl('dgst', '-sha256', '-r', spki)).slice(0, 64));
});

test('inspectBundle() skips text around the blocks, as openssl x509 -text writes it', async (t) => {
  const ca = await makeCa();
  const leaf = await makeLeaf(ca);
  const text = `Certificate:\n    Data:\n${leaf.certificate}\r\n# the CA\n${ca.certificate.replaceAll('\n', '\r\n')}`;
  t.deepEqual(
    inspectBundle(text).map((fact) => fact.fingerprint256),
    [inspectCertificate(leaf.certificate).fingerprint256, ca.fact.fingerprint256],
  );
});

const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
const BLOCK = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

for (const [what, text, message] of [
  ['nothing', '', 'f: holds no certificate'],
  ['plain words', 'hello\n', 'f: holds no certificate'],
  ['a key', KEY, 'f: holds a PRIVATE KEY where a certificate belongs'],
  ['a block that is not a certificate', BLOCK, 'f: is not a certificate'],
  ['a block without its end', BLOCK.slice(0, 32), 'f:1: damaged PEM block: no END line follows'],
  [
    'a block inside another',
    `x\n${BLOCK.slice(0, 33)}${BLOCK}`,
    'f:4: damaged PEM block: -----BEGIN CERTIFICATE----- does not belong here',
  ],
  [
    'a block that is not base64',
    BLOCK.replace('AAAA', 'A?AA'),
    'f:1: damaged PEM block: not base64',
  ],
  ['an empty block', BLOCK.replace('AAAA', ''), 'f:1: damaged PEM block: not base64'],
] as const) {
  test(`inspectCertificate() says what is wrong with ${what}`, (t) => {
    t.throws(() => inspectCertificate(text, 'f'), { name: 'Failure', message });
  });
}

test('inspectCertificate() refuses a bundle where one certificate belongs', async (t) => {
  const { certificate } = await makeCa();
  t.throws(() => inspectCertificate(certificate + certificate, 'f'), {
    message: 'f: holds 2 certificates, not one',
  });
});

test('inspectDer() says so for every cut of a certificate, never anything but a Failure', async (t) => {
  const { certificate } = await makeCa();
  const der = Buffer.from(certificate.split('\n').slice(1, -2).join(''), 'base64');
  for (let length = 0; length < der.length; length += 1) {
    const error = t.throws(() => inspectDer(der.subarray(0, length), 'f'), undefined, `${length}`);
    t.is(error?.name, 'Failure');
  }
});
