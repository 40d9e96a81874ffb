import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { Secret } from '../../src/shell/secret.ts';
import { decrypt, readKeyFile } from '../../src/ssh/key-file.ts';
import { spoken } from '../spoken.ts';
import { directoryFor } from './directory.ts';
import { newKey } from './sshd.ts';

const blobOf = (file: string) =>
  Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');

for (const type of ['ed25519', 'ecdsa', 'rsa']) {
  test(`readKeyFile() reads an ${type} key`, async (t) => {
    const file = join(directoryFor(t), 'id');
    newKey(file, type);
    const key = await readKeyFile(file);
    t.like(key, { path: file, encrypted: false, publicKey: blobOf(file) });
    t.true(key?.privateKey?.isPrivateKey());
  });

  test(`readKeyFile() tells whose an encrypted ${type} key is, and decrypt() opens it`, async (t) => {
    const file = join(directoryFor(t), 'id');
    newKey(file, type, 'correct horse');
    const key = await readKeyFile(file);
    t.like(key, { encrypted: true, privateKey: undefined, publicKey: blobOf(file) });
    t.is(key && decrypt(key, new Secret('wrong')), undefined);
    const opened = key && decrypt(key, new Secret('correct horse'));
    t.deepEqual(opened?.getPublicSSH(), blobOf(file));
  });
}

test('readKeyFile() reads an encrypted PEM key with the public key beside it', async (t) => {
  const file = join(directoryFor(t), 'id');
  newKey(file, 'rsa', 'correct horse');
  execFileSync('ssh-keygen', [
    '-q',
    '-p',
    '-m',
    'PEM',
    '-P',
    'correct horse',
    '-N',
    'other',
    '-f',
    file,
  ]);
  t.true(readFileSync(file, 'utf8').includes('Proc-Type: 4,ENCRYPTED'));
  const key = await readKeyFile(file);
  t.like(key, { encrypted: true, publicKey: blobOf(file) });
  t.deepEqual(key && decrypt(key, new Secret('other'))?.getPublicSSH(), blobOf(file));
});

test('readKeyFile() reads a public key, which names one that an agent holds', async (t) => {
  const file = join(directoryFor(t), 'id');
  newKey(file);
  const key = await readKeyFile(`${file}.pub`);
  t.like(key, { encrypted: false, privateKey: undefined, publicKey: blobOf(file) });
});

test('readKeyFile() has nothing to say about a file that is not there', async (t) => {
  t.is(await readKeyFile(join(directoryFor(t), 'id')), undefined);
});

test('readKeyFile() refuses a private key that others may read', async (t) => {
  const file = join(directoryFor(t), 'id');
  newKey(file);
  chmodSync(file, 0o640);
  const failure = await t.throwsAsync(readKeyFile(file), { instanceOf: Failure });
  t.like(spoken(failure), {
    message: `others may read the private key ${file} (mode 640)`,
    reason: 'usage',
    next: `chmod 600 ${file}`,
  });
});

test('readKeyFile() refuses what holds no key', async (t) => {
  const file = join(directoryFor(t), 'id');
  writeFileSync(file, 'not a key\n', { mode: 0o600 });
  const failure = await t.throwsAsync(readKeyFile(file), { instanceOf: Failure });
  t.like(failure, { message: `${file} holds no key that can be used`, reason: 'usage' });
});

test('readKeyFile() says which file it cannot read', async (t) => {
  const directory = directoryFor(t);
  const failure = await t.throwsAsync(readKeyFile(directory), { instanceOf: Failure });
  t.like(failure, { message: `cannot read the key ${directory}`, reason: 'usage' });
});
