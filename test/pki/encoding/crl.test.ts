import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { buildCrl, mergeRevocations } from '../../../src/pki/encoding/crl.ts';
import { isSignedBy } from '../../../src/pki/encoding/signature.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { inspectCrl } from '../../../src/pki/verify/inspect-crl.ts';
import { makeCa, makeLeaf, NOW, openssl, P256, scratch } from '../workshop.ts';

const DATE = new Date('2026-11-20T00:00:00Z');

for (const kind of [P256, { algo: 'rsa', size: 2048 } as const]) {
  test(`buildCrl() signed with ${kind.algo} makes openssl refuse the revoked certificate and no other`, async (t) => {
    const directory = await scratch(t);
    const ca = await makeCa({}, kind);
    const [bad, good] = [await makeLeaf(ca), await makeLeaf(ca)];
    const { serial } = inspectCertificate(bad.certificate);
    const list = await buildCrl(ca, [{ serial, date: DATE, reason: 'keyCompromise' }], 7n, 24, NOW);
    const at = (name: string) => join(directory, name);
    await writeFile(at('ca'), ca.certificate);
    await writeFile(at('bad'), bad.certificate);
    await writeFile(at('good'), good.certificate);
    await writeFile(at('crl.der'), list);
    await openssl(
      'crl',
      '-inform',
      'DER',
      '-in',
      at('crl.der'),
      '-out',
      at('crl'),
      '-CAfile',
      at('ca'),
      '-verify',
    );
    const verify = (name: string) =>
      openssl(
        'verify',
        '-attime',
        String(NOW.getTime() / 1000),
        '-crl_check',
        '-CAfile',
        at('ca'),
        '-CRLfile',
        at('crl'),
        at(name),
      );
    t.is(await verify('good'), `${at('good')}: OK\n`);
    t.regex((await t.throwsAsync(verify('bad'))).message, /certificate revoked/);
  });
}

test('inspectCrl() gives back what buildCrl() wrote', async (t) => {
  const ca = await makeCa();
  const revoked = [
    { serial: 'ff', date: DATE, reason: 'superseded' as const },
    { serial: '7b00000000000000000000000000000001', date: DATE, reason: undefined },
  ];
  const der = await buildCrl(ca, revoked, 255n, 24, NOW);
  t.deepEqual(inspectCrl(der, 'f'), {
    der,
    fact: {
      issuer: ca.fact.subject,
      number: 'ff',
      thisUpdate: NOW,
      nextUpdate: new Date('2026-11-22T12:00:00Z'),
      revoked,
      authorityKeyId: ca.fact.subjectKeyId,
      signatureAlgorithm: 'ecdsa-with-SHA256',
      form: 'der',
    },
  });
});

test('inspectCrl() reads what openssl made, PEM or DER, and says which', async (t) => {
  const directory = await scratch(t);
  const ca = await makeCa();
  const at = (name: string) => join(directory, name);
  await writeFile(at('ca'), ca.certificate);
  await writeFile(at('key'), ca.key.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(
    at('index'),
    `R\t361118120000Z\t261120000000Z,keyCompromise\t0ABC\tunknown\t/CN=x\n`,
  );
  await writeFile(
    at('cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index')}\ndefault_md=sha256\ndefault_crl_days=1\n`,
  );
  const pem = await openssl(
    'ca',
    '-config',
    at('cnf'),
    '-gencrl',
    '-cert',
    at('ca'),
    '-keyfile',
    at('key'),
  );
  const { fact, der } = inspectCrl(Buffer.from(pem), 'f');
  t.deepEqual(
    [fact.form, fact.revoked, fact.number],
    ['pem', [{ serial: 'abc', date: DATE, reason: 'keyCompromise' }], undefined],
  );
  t.is(inspectCrl(der, 'f').fact.form, 'der');
  t.true(isSignedBy(der, new X509Certificate(ca.certificate).publicKey));
  t.false(isSignedBy(der, new X509Certificate((await makeCa()).certificate).publicKey));
});

test('buildCrl() holds any serial number', async (t) => {
  const ca = await makeCa();
  const serial = fc.bigInt({ min: 1n, max: 2n ** 159n - 1n }).map((number) => number.toString(16));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(serial, { maxLength: 5 }), async (serials) => {
      const der = await buildCrl(
        ca,
        serials.map((one) => ({ serial: one, date: DATE })),
        1n,
        1,
        NOW,
      );
      t.deepEqual(
        inspectCrl(der, 'f').fact.revoked.map((one) => one.serial),
        serials,
      );
    }),
    { numRuns: 50 },
  );
});

test('buildCrl() and mergeRevocations() compare numbers, however they are written', async (t) => {
  const ca = await makeCa();
  const written = [
    { serial: '00AB', date: DATE },
    { serial: '0A12', date: DATE },
  ];
  const { fact } = inspectCrl(await buildCrl(ca, written, 1n, 1, NOW), 'f');
  t.deepEqual(
    fact.revoked.map(({ serial }) => serial),
    ['ab', 'a12'],
  );
  t.deepEqual(mergeRevocations(fact, written), fact.revoked);
});

test('buildCrl() refuses a CA that may not sign lists', async (t) => {
  const ca = await makeCa({ keyUsages: ['keyCertSign'] });
  await t.throwsAsync(buildCrl(ca, [], 1n, 1, NOW), {
    message: 'the CA certificate lacks the usage cRLSign: its lists would be refused',
  });
});

test('mergeRevocations() keeps the first date of what was revoked before', async (t) => {
  const ca = await makeCa();
  const { fact } = inspectCrl(await buildCrl(ca, [{ serial: 'a', date: DATE }], 1n, 1, NOW), 'f');
  t.deepEqual(
    mergeRevocations(fact, [
      { serial: 'a', date: NOW },
      { serial: 'b', date: NOW },
    ]),
    [
      { serial: 'a', date: DATE, reason: undefined },
      { serial: 'b', date: NOW },
    ],
  );
});

test('inspectCrl() says so for anything else', async (t) => {
  const { certificate } = await makeCa();
  const why = (bytes: string) => t.throws(() => inspectCrl(Buffer.from(bytes), 'f'))?.message;
  t.deepEqual(
    [why(''), why('hello'), why(certificate)],
    [
      'f: the list is not DER (Too few bytes to parse DER.)',
      'f: the list is not DER (Too few bytes to read ASN.1 value.)',
      'f: does not hold one revocation list',
    ],
  );
});
