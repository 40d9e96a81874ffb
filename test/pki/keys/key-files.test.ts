import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import test from 'ava';
import {
  encryptedKeyPem,
  isEncryptedPem,
  privateKeyPem,
  readPrivateKey,
  traditionalKeyPem,
} from '../../../src/pki/keys/key-files.ts';
import { describeKey, generateKey, kindOf, samePublicKey } from '../../../src/pki/keys/keys.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { openssl, P256, scratch } from '../workshop.ts';

for (const [what, args, kind] of [
  ['PKCS#8 RSA', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'rsa 2048'],
  ['PKCS#1 RSA', ['genrsa', '-traditional', '2048'], 'rsa 2048'],
  ['SEC1 P-384', ['ecparam', '-name', 'secp384r1', '-genkey', '-noout'], 'ecdsa 384'],
  ['SEC1 with its EC PARAMETERS block', ['ecparam', '-name', 'prime256v1', '-genkey'], 'ecdsa 256'],
  ['Ed25519', ['genpkey', '-algorithm', 'ED25519'], 'ed25519 256'],
  [
    'PKCS#8 encrypted',
    [
      'genpkey',
      '-algorithm',
      'RSA',
      '-pkeyopt',
      'rsa_keygen_bits:2048',
      '-aes256',
      '-pass',
      'pass:secret',
    ],
    'rsa 2048',
  ],
  [
    'PKCS#1 encrypted',
    ['genrsa', '-traditional', '-aes128', '-passout', 'pass:secret', '2048'],
    'rsa 2048',
  ],
] as const) {
  test(`readPrivateKey() reads ${what}`, async (t) => {
    const text = new Secret(await openssl(...args));
    t.is(describeKey(kindOf(readPrivateKey(text, 'f', new Secret('secret')))), kind);
  });
}

test('encryptedKeyPem() makes a file that openssl opens with the passphrase only', async (t) => {
  const { privateKey } = await generateKey(P256);
  const text = await encryptedKeyPem(privateKey, new Secret('korrekt 密码'));
  t.true(isEncryptedPem(text));
  const path = join(await scratch(t), 'key');
  await writeFile(path, text.reveal());
  t.is(
    await openssl('pkey', '-in', path, '-passin', 'pass:korrekt 密码'),
    privateKeyPem(privateKey).reveal(),
  );
  await t.throwsAsync(openssl('pkey', '-in', path, '-passin', 'pass:wrong'));
});

test('encryptedKeyPem() says PBKDF2 with 600000 rounds of HMAC-SHA256 and AES-256-CBC', async (t) => {
  const { privateKey } = await generateKey(P256);
  const path = join(await scratch(t), 'key');
  await writeFile(path, (await encryptedKeyPem(privateKey, new Secret('x'))).reveal());
  const shown = await openssl('asn1parse', '-in', path);
  const seen = [...shown.matchAll(/OBJECT\s+:(.*)|INTEGER\s+:(.*)/g)].map(
    ([, name, number]) => name ?? number,
  );
  t.deepEqual(seen, ['PBES2', 'PBKDF2', '0927C0', 'hmacWithSHA256', 'aes-256-cbc']);
});

test('traditionalKeyPem() has the labels of cfssl', async (t) => {
  const ec = traditionalKeyPem((await generateKey(P256)).privateKey).reveal();
  const rsa = traditionalKeyPem(
    (await generateKey({ algo: 'rsa', size: 2048 })).privateKey,
  ).reveal();
  t.deepEqual(
    [ec, rsa].map((text) => text.split('\n')[0]),
    ['-----BEGIN EC PRIVATE KEY-----', '-----BEGIN RSA PRIVATE KEY-----'],
  );
});

test('readPrivateKey() says what is wrong', async (t) => {
  const { privateKey } = await generateKey(P256);
  const plain = privateKeyPem(privateKey).reveal();
  const encrypted = await encryptedKeyPem(privateKey, new Secret('right'));
  const why = (text: string | Secret, passphrase?: Secret) =>
    t.throws(() =>
      readPrivateKey(typeof text === 'string' ? new Secret(text) : text, 'f', passphrase),
    )?.message;
  t.deepEqual(
    [
      why(''),
      why(plain + plain),
      why(plain.replace(/^[A-Za-z0-9]{8}/m, 'AAAAAAAA')),
      why(encrypted),
      why(encrypted, new Secret('wrong')),
    ],
    [
      'f: holds 0 private keys, not one',
      'f: holds 2 private keys, not one',
      'f: is not a private key',
      'f: the key is encrypted, and no passphrase was given',
      'f: the passphrase is wrong, or the file is damaged',
    ],
  );
});

test('a failure to read a key shows nothing of it, however it is printed', async (t) => {
  const text = (await openssl('genrsa', '-traditional', '2048')).replaceAll('\n', '\nx');
  const error = t.throws(() => readPrivateKey(new Secret(text), 'f'));
  const body = text.split('\n')[3] ?? '';
  t.false(inspect(error, { depth: 9 }).includes(body.slice(1, 20)));
});

test('samePublicKey() knows a copy from another key', async (t) => {
  const [one, two] = [await generateKey(P256), await generateKey(P256)];
  const copy = readPrivateKey(privateKeyPem(one.privateKey), 'f');
  t.deepEqual(
    [samePublicKey(one.publicKey, one.publicKey), samePublicKey(one.publicKey, two.publicKey)],
    [true, false],
  );
  t.deepEqual(copy.equals(one.privateKey), true);
});
