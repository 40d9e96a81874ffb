import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { readPrivateKey } from '../../../src/pki/keys/key-files.ts';
import type { KeyKind } from '../../../src/pki/keys/keys.ts';
import { canonicalNames } from '../../../src/pki/names.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { foreignCertificate, makeCa, makeLeaf, NOW, openssl, P256, scratch } from '../workshop.ts';

const HOUR = 3_600_000;

const KINDS: readonly KeyKind[] = [
  P256,
  { algo: 'ecdsa', size: 384 },
  { algo: 'ecdsa', size: 521 },
  { algo: 'rsa', size: 2048 },
];

for (const kind of KINDS) {
  test(`signLeaf() makes ${kind.algo} ${kind.size} certificates that openssl accepts in strict mode for both ends`, async (t) => {
    const directory = await scratch(t);
    const ca = await makeCa({}, kind);
    const { certificate } = await makeLeaf(ca, {}, kind);
    const paths = { ca: join(directory, 'ca.crt'), leaf: join(directory, 'leaf.crt') };
    await writeFile(paths.ca, ca.certificate);
    await writeFile(paths.leaf, certificate);
    const at = String(NOW.getTime() / 1000);
    for (const purpose of ['sslserver', 'sslclient']) {
      t.is(
        await openssl(
          'verify',
          '-x509_strict',
          '-attime',
          at,
          '-purpose',
          purpose,
          '-verify_ip',
          '198.18.0.1',
          '-CAfile',
          paths.ca,
          paths.leaf,
        ),
        `${paths.leaf}: OK\n`,
      );
    }
  });
}

test('signLeaf() writes subject, names, usages and key identifiers as openssl prints them', async (t) => {
  const directory = await scratch(t);
  const ca = await makeCa();
  const { certificate } = await makeLeaf(ca, {
    subject: [
      { type: 'C', value: 'CN' },
      { type: 'O', value: '北京' },
      { type: 'O', value: 'system:masters' },
      { type: 'CN', value: 'a*_@' },
    ],
    names: ['etcd01', '198.18.0.1', '::1', '*.etcd.svc', 'ops@example.org', 'spiffe://etcd/01'],
  });
  const path = join(directory, 'leaf.crt');
  await writeFile(path, certificate);
  t.is(
    await openssl(
      'x509',
      '-in',
      path,
      '-noout',
      '-subject',
      '-nameopt',
      'utf8,sep_comma_plus,show_type',
      '-ext',
      'basicConstraints,keyUsage,extendedKeyUsage,subjectAltName',
    ),
    `subject=C=PRINTABLESTRING:CN,O=UTF8STRING:北京,O=UTF8STRING:system:masters,CN=UTF8STRING:a*_@
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Server Authentication, TLS Web Client Authentication
X509v3 Subject Alternative Name: 
    DNS:etcd01, IP Address:198.18.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.etcd.svc, email:ops@example.org, URI:spiffe://etcd/01
`,
  );
  const fact = inspectCertificate(certificate);
  t.is(fact.authorityKeyId, ca.fact.subjectKeyId);
  t.regex(fact.serial, /^[4-7][0-9a-f]{31}$/);
});

test('signLeaf() dates back ten minutes and lives exactly the hours asked for', async (t) => {
  const old = await makeCa({}, P256, new Date(NOW.getTime() - 24 * HOUR));
  const fact = inspectCertificate((await makeLeaf(old, { hours: 100 })).certificate);
  t.deepEqual(
    [fact.notBefore, fact.notAfter],
    [new Date('2026-11-21T11:50:00Z'), new Date('2026-11-25T15:50:00Z')],
  );
});

test('signLeaf() never lets a leaf live before or after its CA', async (t) => {
  const ca = await makeCa({ hours: 10 });
  const later = new Date(NOW.getTime() - 5 * 60_000);
  const fact = inspectCertificate((await makeLeaf(ca, { hours: 8_760 }, P256, later)).certificate);
  t.deepEqual([fact.notBefore, fact.notAfter], [ca.fact.notBefore, ca.fact.notAfter]);
});

test('signCa() can look beyond 2049, where the date changes its encoding', async (t) => {
  const { certificate, fact } = await makeCa({ hours: 50 * 8_766 });
  t.is(fact.notAfter.toISOString(), '2076-11-20T23:50:00.000Z');
  t.is(new X509Certificate(certificate).validTo, 'Nov 20 23:50:00 2076 GMT');
});

test('signCa() makes a CA that says what it may do', async (t) => {
  const { fact } = await makeCa();
  t.deepEqual(
    [fact.isCa, fact.pathLength, fact.keyUsages, fact.isSelfSigned],
    [true, 0, ['keyCertSign', 'cRLSign'], true],
  );
});

test('signLeaf() covers whatever good names it is given', async (t) => {
  const ca = await makeCa();
  const name = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 10 }), async (names) => {
      const wanted = canonicalNames(names);
      const { certificate } = await makeLeaf(ca, { names: wanted });
      t.deepEqual(inspectCertificate(certificate).names, wanted);
    }),
    { numRuns: 40 },
  );
});

for (const [name, why] of [
  ['*', 'is a bare *, which no client accepts; write *.some.domain'],
  ['', 'is empty'],
] as const) {
  test(`signLeaf() refuses the name ${JSON.stringify(name)}`, async (t) => {
    const ca = await makeCa();
    await t.throwsAsync(makeLeaf(ca, { names: ['a', name] }), {
      name: 'Failure',
      message: `CN=etcd01: the name ${JSON.stringify(name)} ${why}`,
    });
  });
}

test('signLeaf() refuses a certificate that says nothing about anybody', async (t) => {
  await t.throwsAsync(makeLeaf(await makeCa(), { subject: [], names: [] }), {
    message: 'a certificate needs a subject or a name',
  });
});

test('signLeaf() chains to a foreign CA whose subject is encoded otherwise', async (t) => {
  const directory = await scratch(t);
  const paths = await foreignCertificate(directory, '/C=DE/O=Legacy_CA/CN=old@ca', [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=keyCertSign',
  ]);
  const certificate = await readFile(paths.certificate, 'utf8');
  const key = readPrivateKey(new Secret(await readFile(paths.key, 'utf8')), paths.key);
  const ca = { certificate, key, fact: inspectCertificate(certificate) };
  const leaf = join(directory, 'leaf.crt');
  await writeFile(leaf, (await makeLeaf(ca, {}, P256, new Date())).certificate);
  t.is(await openssl('verify', '-CAfile', paths.certificate, leaf), `${leaf}: OK\n`);
});

test('signLeaf() refuses names outside the constraints of its CA, as openssl would', async (t) => {
  const directory = await scratch(t);
  const paths = await foreignCertificate(directory, '/CN=constrained', [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=keyCertSign',
    'nameConstraints=critical,permitted;DNS:etcd.svc,permitted;IP:10.0.0.0/255.0.0.0,excluded;DNS:secret.etcd.svc',
  ]);
  const certificate = await readFile(paths.certificate, 'utf8');
  const key = readPrivateKey(new Secret(await readFile(paths.key, 'utf8')), paths.key);
  const fact = inspectCertificate(certificate);
  t.deepEqual(fact.nameConstraints, {
    permitted: ['etcd.svc', '10.0.0.0/255.0.0.0'],
    excluded: ['secret.etcd.svc'],
  });
  const ca = { certificate, key, fact };
  const now = new Date();
  await t.throwsAsync(
    makeLeaf(
      ca,
      { names: ['a.etcd.svc', '10.1.2.3', '192.168.0.1', 'etcd01', 'x.secret.etcd.svc'] },
      P256,
      now,
    ),
    {
      message:
        'CN=etcd01: the CA CN=constrained may not certify 192.168.0.1, etcd01, x.secret.etcd.svc',
    },
  );
  const inside = join(directory, 'inside.crt');
  await writeFile(
    inside,
    (await makeLeaf(ca, { names: ['a.etcd.svc', '10.1.2.3'] }, P256, now)).certificate,
  );
  t.is(await openssl('verify', '-CAfile', paths.certificate, inside), `${inside}: OK\n`);

  // The same names signed as if there were no constraints: openssl refuses them, so refusing was right.
  for (const name of ['192.168.0.1', 'etcd01', 'x.secret.etcd.svc']) {
    const blind = { ...ca, fact: { ...fact, nameConstraints: undefined } };
    const outside = join(directory, 'outside.crt');
    await writeFile(outside, (await makeLeaf(blind, { names: [name] }, P256, now)).certificate);
    const error = await t.throwsAsync(
      openssl('verify', '-CAfile', paths.certificate, outside),
      undefined,
      name,
    );
    t.regex(error.message, /permitted subtree violation|excluded subtree violation/);
  }
});

test('signLeaf() carries a name once that was given in several spellings', async (t) => {
  const ca = await makeCa();
  const names = ['10.0.0.1', '10.0.0.1', 'etcd-a', 'ETCD-A', 'fd00::11', 'fd00:0:0::11'];
  const fact = inspectCertificate((await makeLeaf(ca, { names })).certificate);
  t.deepEqual(fact.names, ['10.0.0.1', 'etcd-a', 'fd00::11']);
});

test('signLeaf() and signCa() refuse to make what would be of no use', async (t) => {
  const ca = await makeCa();
  for (const hours of [0.1, 87_600_000]) {
    await t.throwsAsync(makeLeaf(ca, { hours }), { name: 'Failure', message: /cannot live for/ });
    await t.throwsAsync(makeCa({ hours }), { name: 'Failure', message: /cannot live for/ });
  }
  await t.throwsAsync(makeCa({ names: ['*'] }), { name: 'Failure', message: /is a bare \*/ });
});
