import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bringCa } from '../../../src/pki/ca/bring-ca.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { fillOrder } from '../../../src/pki/issue/order.ts';
import { type SigningCa, signLeaf } from '../../../src/pki/issue/sign.ts';
import {
  encryptedKeyPem,
  privateKeyPem,
  traditionalKeyPem,
} from '../../../src/pki/keys/key-files.ts';
import { generateKey, type KeyKind } from '../../../src/pki/keys/keys.ts';
import { observeStore } from '../../../src/pki/store/store.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { foreignCertificate, makeCa, makeLeaf, NOW, openssl, P256, scratch } from '../workshop.ts';

const RSA: KeyKind = { algo: 'rsa', size: 2048 };
const ORDER = {
  profile: 'client',
  subject: [{ type: 'CN', value: 'x' }],
  names: [],
  hours: 1,
} as const;

async function below(parent: SigningCa, name: string, pathLength?: number): Promise<SigningCa> {
  const { privateKey, publicKey } = await generateKey(P256);
  const certificate = await signLeaf(
    {
      subject: [{ type: 'CN', value: name }],
      names: [],
      usages: [],
      keyUsages: ['keyCertSign', 'cRLSign'],
      ca: { pathLength },
      publicKey,
      hours: 80_000,
    },
    parent,
    NOW,
  );
  return { certificate, key: privateKey, fact: inspectCertificate(certificate) };
}

const root = (changes = {}, kind = P256) =>
  makeCa({ ca: {}, subject: [{ type: 'CN', value: 'root' }], ...changes }, kind);

for (const [what, kind, pem, passphrase] of [
  [
    'an RSA CA with a PKCS#1 key',
    RSA,
    async (ca: SigningCa) => traditionalKeyPem(ca.key),
    undefined,
  ],
  ['an EC CA with a SEC1 key', P256, async (ca: SigningCa) => traditionalKeyPem(ca.key), undefined],
  ['an EC CA with a PKCS#8 key', P256, async (ca: SigningCa) => privateKeyPem(ca.key), undefined],
  [
    'a CA with an encrypted key',
    P256,
    async (ca: SigningCa) => encryptedKeyPem(ca.key, new Secret('pass')),
    new Secret('pass'),
  ],
  [
    'a CA with a plain key to be encrypted from now on',
    P256,
    async (ca: SigningCa) => privateKeyPem(ca.key),
    new Secret('pass'),
  ],
] as const) {
  test(`bringCa() takes ${what}, and it signs`, async (t) => {
    const store = join(await scratch(t), 'pki');
    const ca = await root({}, kind);
    await bringCa(
      store,
      {
        certificates: ca.certificate,
        certificatesSource: 'ca.pem',
        key: await pem(ca),
        passphrase,
      },
      NOW,
    );
    const facts = await observeStore(store);
    t.deepEqual(
      [facts.ca?.fact.fingerprint256, facts.ca?.hasKey, facts.ca?.keyEncrypted],
      [ca.fact.fingerprint256, true, passphrase !== undefined],
    );
    const { certificate } = await fillOrder(
      ORDER,
      P256,
      await unlockCa(store, NOW, passphrase),
      NOW,
    );
    t.is(inspectCertificate(certificate).authorityKeyId, ca.fact.subjectKeyId);
  });
}

test('bringCa() finds the CA of the key in a bundle of any order; openssl accepts the whole chain', async (t) => {
  const directory = await scratch(t);
  const store = join(directory, 'pki');
  const top = await root();
  const middle = await below(top, 'middle', 1);
  const own = await below(middle, 'own', 0);
  const certificates = [top, own, middle].map((ca) => ca.certificate).join('# next\n');
  await bringCa(store, { certificates, certificatesSource: 'f', key: privateKeyPem(own.key) }, NOW);
  t.is(await readFile(join(store, 'ca.crt'), 'utf8'), own.certificate);
  t.is(await readFile(join(store, 'ca-chain.crt'), 'utf8'), middle.certificate + top.certificate);

  const { certificate } = await fillOrder(ORDER, P256, await unlockCa(store, NOW), NOW);
  await writeFile(join(directory, 'leaf'), certificate);
  await writeFile(join(directory, 'top'), top.certificate);
  await writeFile(join(directory, 'between'), own.certificate + middle.certificate);
  t.is(
    await openssl(
      'verify',
      '-x509_strict',
      '-attime',
      String(NOW.getTime() / 1000),
      '-CAfile',
      join(directory, 'top'),
      '-untrusted',
      join(directory, 'between'),
      join(directory, 'leaf'),
    ),
    `${join(directory, 'leaf')}: OK\n`,
  );
  t.deepEqual([...(await observeStore(store)).certificates.keys()], []);
});

test('bringCa() takes a CA without its key', async (t) => {
  const store = join(await scratch(t), 'pki');
  const top = await root();
  const own = await below(top, 'own');
  await bringCa(
    store,
    { certificates: top.certificate + own.certificate, certificatesSource: 'f' },
    NOW,
  );
  const { ca } = await observeStore(store);
  t.deepEqual([ca?.fact.fingerprint256, ca?.hasKey], [own.fact.fingerprint256, false]);
});

const refused = test.macro(
  async (
    t,
    bring: (
      t: ExecutionContext,
    ) => Promise<{ certificates: string; key?: Secret; passphrase?: Secret }>,
    message: string,
  ) => {
    const store = join(await scratch(t), 'pki');
    const brought = { ...(await bring(t)), certificatesSource: 'f.pem', keySource: 'f.key' };
    await t.throwsAsync(bringCa(store, brought, NOW), { name: 'Failure', message });
    t.deepEqual((await observeStore(store)).ca, undefined);
  },
);

test(
  'bringCa() refuses a leaf',
  refused,
  async () => {
    const leaf = await makeLeaf(await root());
    return { certificates: leaf.certificate, key: privateKeyPem(leaf.privateKey) };
  },
  'f.pem: CN=etcd01: the CA certificate is not marked CA:TRUE',
);

test(
  'bringCa() refuses a CA that may not sign certificates',
  refused,
  async (t) => {
    const paths = await foreignCertificate(await scratch(t), '/CN=root', [
      'basicConstraints=critical,CA:TRUE',
      'keyUsage=cRLSign',
    ]);
    return { certificates: await readFile(paths.certificate, 'utf8') };
  },
  'f.pem: CN=root: the CA certificate lacks the usage keyCertSign',
);

test(
  'bringCa() refuses an expired CA',
  refused,
  async () => {
    const ca = await makeCa({ hours: 1 }, P256, new Date('2026-01-01'));
    return { certificates: ca.certificate, key: privateKeyPem(ca.key) };
  },
  'f.pem: CN=test-ca: the CA expired on 2026-01-01',
);

test(
  'bringCa() refuses a key of another certificate',
  refused,
  async () => {
    const [one, two] = [await root(), await root()];
    return { certificates: one.certificate, key: privateKeyPem(two.key) };
  },
  'f.key: is the key of no certificate in f.pem',
);

test(
  'bringCa() refuses a wrong passphrase',
  refused,
  async () => {
    const ca = await root();
    return {
      certificates: ca.certificate,
      key: await encryptedKeyPem(ca.key, new Secret('right')),
      passphrase: new Secret('wrong'),
    };
  },
  'f.key: the passphrase is wrong, or the file is damaged',
);

test(
  'bringCa() refuses a bundle with a certificate that is not part of the chain',
  refused,
  async () => {
    const ca = await root();
    const stray = await root({ subject: [{ type: 'CN', value: 'stray' }] });
    return { certificates: ca.certificate + stray.certificate, key: privateKeyPem(ca.key) };
  },
  'f.pem: CN=stray is not part of the chain of this CA',
);

test(
  'bringCa() refuses two CAs where no key tells which is meant',
  refused,
  async () => {
    const [one, two] = [await root(), await root()];
    return { certificates: one.certificate + two.certificate };
  },
  'f.pem: holds no CA at the end of a chain',
);

test(
  'bringCa() refuses a chain deeper than its root allows',
  refused,
  async () => {
    const top = await root({ ca: { pathLength: 0 } });
    const blind = { ...top, fact: { ...top.fact, pathLength: undefined } };
    const own = await below(blind, 'own');
    return { certificates: own.certificate + top.certificate, key: privateKeyPem(own.key) };
  },
  'f.pem: CN=root allows 0 CAs below it, not 1',
);

test(
  'bringCa() refuses a bundle with garbage',
  refused,
  async () => {
    const ca = await root();
    return {
      certificates: `${ca.certificate}-----BEGIN CERTIFICATE-----\n??\n-----END CERTIFICATE-----\n`,
    };
  },
  'f.pem:11: damaged PEM block: not base64',
);

test('bringCa() finishes what a kill left, and replaces no other key', async (t) => {
  const store = join(await scratch(t), 'pki');
  const [ca, other] = [await root(), await root()];
  const brought = {
    certificates: ca.certificate,
    certificatesSource: 'f',
    key: privateKeyPem(ca.key),
  };
  await bringCa(store, brought, NOW);
  await rm(join(store, 'ca.crt'));
  await t.throwsAsync(
    bringCa(
      store,
      { ...brought, certificates: other.certificate, key: privateKeyPem(other.key) },
      NOW,
    ),
    { message: `${store}/ca.key: is there already, and is another key` },
  );
  await bringCa(store, brought, NOW);
  await t.notThrowsAsync(unlockCa(store, NOW));
});

test('bringCa() replaces no CA', async (t) => {
  const store = join(await scratch(t), 'pki');
  await createCa(store, { subject: [{ type: 'CN', value: 'here' }], hours: 100, key: P256 }, NOW);
  const ca = await root();
  const before = await readFile(join(store, 'ca.key'), 'utf8');
  await t.throwsAsync(
    bringCa(
      store,
      { certificates: ca.certificate, certificatesSource: 'f', key: privateKeyPem(ca.key) },
      NOW,
    ),
    { message: `${store}/ca.crt: is there already; a CA is never overwritten` },
  );
  t.is(await readFile(join(store, 'ca.key'), 'utf8'), before);
});
