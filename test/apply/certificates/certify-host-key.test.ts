import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { certifyHostKey } from '../../../src/apply/certificates/certify-host-key.ts';
import type { StepContext } from '../../../src/apply/step-context.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { keyring } from '../../../src/pki/keys/keyring.ts';
import { observeStore } from '../../../src/pki/store/store.ts';
import { localHost } from '../../host/local-host.ts';
import { openssl, scratch } from '../../pki/workshop.ts';
import { NOW, wanted } from '../../plan/facts.ts';

test('certifyHostKey() has a key made that only its owner can read, and replaces one that was left', async (t) => {
  const place = await scratch(t);
  for (const key of [
    { algo: 'ecdsa', size: 256 },
    { algo: 'ecdsa', size: 384 },
    { algo: 'rsa', size: 2048 },
  ] as const) {
    const name = `${key.algo}-${key.size}`;
    const desired = wanted(1, { pki: { keys: 'host', key } });
    const [certificate] = desired.certificates;
    if (certificate === undefined || desired.ca === undefined) throw new Error('a server');
    const store = join(place, name, 'prod.pki');
    await createCa(store, desired.ca, NOW);
    const site: StepContext = {
      ...{ desired, store, hosts: new Map(), timeout: 1 },
      ...{ now: NOW, keyring: keyring(NOW) },
    };
    const directory = join(place, name, 'provision/keys/prod/etcd01');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'server.key'), 'of a run that was killed');
    await writeFile(join(directory, 'server.key.new'), 'half of one');
    const step = { kind: 'certify-host-key', certificate, directory, because: '' } as const;
    await certifyHostKey(step, localHost('etcd01'), site);

    t.deepEqual(await readdir(directory), ['server.key']);
    const path = join(directory, 'server.key');
    const modes = [path, directory, join(directory, '..'), join(directory, '../..')];
    t.deepEqual(
      await Promise.all(modes.map(async (one) => (await stat(one)).mode & 0o777)),
      [0o600, 0o700, 0o700, 0o700],
    );
    const text = await readFile(path, 'utf8');
    t.regex(text, /^-----BEGIN PRIVATE KEY-----\n/);
    const found = (await observeStore(store)).certificates.get('etcd01/server');
    t.is(found?.hostKey?.sha256, createHash('sha256').update(text).digest('hex'));
    t.is(found?.hostKey?.publicKeySha256, found?.fact.publicKeySha256);
    t.deepEqual(found?.fact.key, key);
    t.is(
      await openssl('x509', '-in', join(store, 'etcd01/server.crt'), '-noout', '-pubkey'),
      await openssl('pkey', '-in', path, '-pubout'),
    );
  }
});

test('certifyHostKey() names host, cause and next step when openssl fails, and leaves the former key', async (t) => {
  const place = await scratch(t);
  const bin = join(place, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'openssl'), "#!/bin/sh\necho 'no entropy' >&2\nexit 1\n", {
    mode: 0o755,
  });
  const desired = wanted(1, { pki: { keys: 'host' } });
  const [certificate] = desired.certificates;
  if (certificate === undefined) throw new Error('a server');
  const directory = join(place, 'provision/keys/prod/etcd01');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'server.key'), 'former');
  const store = join(place, 'prod.pki');
  const site: StepContext = {
    ...{ desired, store, hosts: new Map(), timeout: 1 },
    ...{ now: NOW, keyring: keyring(NOW) },
  };
  const step = { kind: 'certify-host-key', certificate, directory, because: '' } as const;
  const host = localHost('etcd01', { PATH: `${bin}:${process.env.PATH}` });
  await t.throwsAsync(certifyHostKey(step, host, site), {
    message: 'etcd01: could not make the key of etcd01/server with its openssl: no entropy',
    instanceOf: Error,
  });
  t.is(await readFile(join(directory, 'server.key'), 'utf8'), 'former');
  await t.throwsAsync(stat(store), { code: 'ENOENT' });
});
