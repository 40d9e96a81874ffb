import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { desiredCa } from '../../../src/desired/certificates.ts';
import { writeAtomically } from '../../../src/durable/durable-file.ts';
import type { Failure } from '../../../src/failure/failure.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { observeStore, readPair } from '../../../src/pki/store/store.ts';
import { storeDirectory } from '../../../src/pki/store/store-files.ts';
import { whyReissue } from '../../../src/pki/verify/judge.ts';
import { nextText } from '../../../src/problem/render.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { spoken } from '../../spoken.ts';
import { fillStore, inventory, wanted } from '../filled-store.ts';
import { NOW, openssl, scratch } from '../workshop.ts';

const filledStore = (directory: string) => fillStore(join(directory, 'lab.pki'));

async function reasons(store: string) {
  const facts = await observeStore(store);
  return wanted
    .map((one) => [one.id, whyReissue(one, facts.certificates.get(one.id), facts.ca?.fact, NOW)])
    .filter(([, why]) => why !== undefined);
}

test('observeStore() finds nothing where nothing is, and makes nothing', async (t) => {
  const directory = join(await scratch(t), 'none');
  t.deepEqual(await observeStore(directory), {
    ...{ directory, ca: undefined, peerCa: undefined },
    certificates: new Map(),
  });
  await t.throwsAsync(stat(directory), { code: 'ENOENT' });
});

test('issue() fills a store that then wants nothing more, private to its owner', async (t) => {
  const store = await filledStore(await scratch(t));
  t.deepEqual(await reasons(store), []);
  const files = (await readdir(store, { recursive: true })).sort();
  t.deepEqual(files, [
    'admin.crt',
    'admin.key',
    'ca.crt',
    'ca.key',
    ...['etcd01', 'etcd02'].flatMap((member) => [
      member,
      ...['healthcheck-client', 'peer', 'server'].flatMap((row) => [
        `${member}/${row}.crt`,
        `${member}/${row}.key`,
      ]),
    ]),
    'issued.jsonl',
  ]);
  const modes = await Promise.all(
    files.map(async (file) => (await stat(join(store, file))).mode & 0o777),
  );
  t.deepEqual(
    modes,
    files.map((file) => (file.includes('.') ? 0o600 : 0o700)),
  );
  t.is((await stat(store)).mode & 0o777, 0o700);
});

test('observeStore() gives checksums of the bytes that travel to the hosts', async (t) => {
  const store = await filledStore(await scratch(t));
  const found = (await observeStore(store)).certificates.get('etcd01/peer');
  const sum = async (half: string) =>
    (await openssl('dgst', '-sha256', '-r', join(store, `etcd01/peer.${half}`))).split(' ')[0];
  t.deepEqual([found?.certificateSha256, found?.keySha256], [await sum('crt'), await sum('key')]);
});

test('a kill between key and certificate is seen, and never used', async (t) => {
  const store = await filledStore(await scratch(t));
  const { key } = await readPair(store, 'etcd02/server');
  await writeFile(join(store, 'etcd01/server.key'), key.reveal());
  t.deepEqual(await reasons(store), [['etcd01/server', "the key is not the certificate's"]]);
  await t.throwsAsync(readPair(store, 'etcd01/server'), {
    name: 'Failure',
    message: `${store}/etcd01/server.key: is not the key of ${store}/etcd01/server.crt`,
  });
});

test('a kill before the first certificate is seen as missing', async (t) => {
  const store = await filledStore(await scratch(t));
  await rm(join(store, 'etcd01/peer.crt'));
  t.deepEqual(await reasons(store), [['etcd01/peer', 'missing']]);
});

test('a lost key is seen', async (t) => {
  const store = await filledStore(await scratch(t));
  await rm(join(store, 'admin.key'));
  t.deepEqual(await reasons(store), [['admin', 'its key is missing']]);
});

test('createCa() finishes what a kill left: the key is used again, so its leaves stay good', async (t) => {
  const store = await filledStore(await scratch(t));
  const key = await readFile(join(store, 'ca.key'), 'utf8');
  await rm(join(store, 'ca.crt'));
  t.is((await observeStore(store)).ca, undefined);
  await createCa(store, desiredCa(inventory), NOW);
  t.is(await readFile(join(store, 'ca.key'), 'utf8'), key);
  t.deepEqual(await reasons(store), []);
});

test('createCa() from several runs at once makes one CA whose key fits', async (t) => {
  const store = join(await scratch(t), 'pki');
  const ends = await Promise.allSettled(
    Array.from({ length: 6 }, () => createCa(store, desiredCa(inventory), NOW)),
  );
  t.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', ...Array(5).fill('rejected')]);
  await t.notThrowsAsync(unlockCa(store, NOW));
  t.deepEqual((await readdir(store)).sort(), ['ca.crt', 'ca.key']);
});

test('createCa() puts a key that a killed run left in the clear under the passphrase', async (t) => {
  const store = await filledStore(await scratch(t));
  await rm(join(store, 'ca.crt'));
  await createCa(store, desiredCa(inventory), NOW, new Secret('x'));
  t.is((await observeStore(store)).ca?.keyEncrypted, true);
  await t.notThrowsAsync(unlockCa(store, NOW, new Secret('x')));
  t.deepEqual(await reasons(store), []);
});

test('createCa() overwrites no CA', async (t) => {
  const store = await filledStore(await scratch(t));
  const before = await readFile(join(store, 'ca.crt'), 'utf8');
  await t.throwsAsync(createCa(store, desiredCa(inventory), NOW), {
    name: 'Failure',
    message: `${store}/ca.crt: is there already; a CA is never overwritten`,
  });
  t.is(await readFile(join(store, 'ca.crt'), 'utf8'), before);
});

test('another CA in its place makes every leaf be issued again', async (t) => {
  const store = await filledStore(await scratch(t));
  await rm(join(store, 'ca.crt'));
  await rm(join(store, 'ca.key'));
  await createCa(store, desiredCa(inventory), NOW);
  t.deepEqual(
    await reasons(store),
    wanted.map(({ id }) => [id, 'signed by another CA']),
  );
});

for (const [what, path, mode, shown] of [
  ['directory', '', 0o750, '0750'],
  ['member directory', 'etcd01', 0o701, '0701'],
  ['CA key', 'ca.key', 0o640, '0640'],
  ['leaf key', 'etcd02/peer.key', 0o604, '0604'],
] as const) {
  test(`observeStore() refuses a ${what} that others can read`, async (t) => {
    const store = await filledStore(await scratch(t));
    const target = join(store, path);
    await chmod(target, mode);
    t.like(spoken(await t.throwsAsync(observeStore(store))), {
      name: 'Failure',
      message: `${target}: mode ${shown} lets others at the keys of the cluster`,
      reason: 'refused',
      next: `chmod go= ${target}`,
    });
  });
}

test('observeStore() names a damaged certificate and what to do with it', async (t) => {
  const store = await filledStore(await scratch(t));
  await writeFile(join(store, 'admin.crt'), 'rubbish');
  const error = await t.throwsAsync(observeStore(store));
  t.like(spoken(error), {
    message: `${store}/admin.crt: is not a certificate`,
    next: `mv ${store}/admin.crt ${store}/admin.crt.damaged; then run the command again`,
  });
});

test('observeStore() never takes a damaged CA for a missing one', async (t) => {
  const store = await filledStore(await scratch(t));
  await writeFile(join(store, 'ca.crt'), '');
  await t.throwsAsync(observeStore(store), { message: `${store}/ca.crt: holds no certificate` });
});

test('observeStore() names an empty file and how it comes back, and what it would only write', async (t) => {
  const store = await filledStore(await scratch(t));
  const told = async (file: string, spoil: (path: string) => Promise<unknown>) => {
    const path = join(store, file);
    const before = await readFile(path);
    await rm(path);
    await spoil(path);
    const { message, next = [] } = await t.throwsAsync<Failure>(observeStore(store));
    await rm(path, { recursive: true });
    await writeFile(path, before, { mode: 0o600 });
    return [message, nextText(next, 'prod.yaml')];
  };
  const empty = (path: string) => writeFile(path, '', { mode: 0o600 });
  const at = (file: string) => join(store, file);
  t.deepEqual(await told('ca.crt', empty), [
    `${at('ca.crt')}: holds no certificate`,
    'put the certificate of the CA back from a copy of the store, or from pki/ on a member; without it nobody can tell what members trust',
  ]);
  t.deepEqual(await told('ca.key', empty), [
    `${at('ca.key')}: is empty`,
    `put the key back from a copy of the store; or, to go on without it as long as nothing must be signed: mv ${at('ca.key')} ${at('ca.key')}.damaged; then run the same command again`,
  ]);
  t.deepEqual(await told('etcd01/server.key', empty), [
    `${at('etcd01/server.key')}: is empty`,
    `mv ${at('etcd01/server.key')} ${at('etcd01/server.key')}.damaged; then run the same command again: without its key the certificate is reissued`,
  ]);
  t.is(
    (await told('issued.jsonl', (path) => mkdir(path)))[0],
    `${at('issued.jsonl')}: is a directory; it should be a file, or missing`,
  );
});

test('a store without the CA key serves what it has, and refuses only to sign', async (t) => {
  const store = await filledStore(await scratch(t));
  await rm(join(store, 'ca.key'));
  t.deepEqual(await reasons(store), []);
  t.is((await observeStore(store)).ca?.hasKey, false);
  const [first] = wanted;
  const before = await readFile(join(store, 'etcd01/server.crt'), 'utf8');
  await t.throwsAsync(async () => first && issue(store, first, NOW), {
    message: `${store}/ca.key: the CA key is not here, and something must be signed`,
  });
  t.is(await readFile(join(store, 'etcd01/server.crt'), 'utf8'), before);
});

test('an encrypted CA key signs with its passphrase only', async (t) => {
  const store = join(await scratch(t), 'lab.pki');
  await createCa(store, desiredCa(inventory), NOW, new Secret('korrekt 密码'));
  const facts = await observeStore(store);
  t.deepEqual([facts.ca?.hasKey, facts.ca?.keyEncrypted], [true, true]);
  await t.throwsAsync(unlockCa(store, NOW), {
    message: `${store}/ca.key: the key is encrypted, and no passphrase was given`,
  });
  await t.throwsAsync(unlockCa(store, NOW, new Secret('wrong')), {
    message: `${store}/ca.key: the passphrase is wrong, or the file is damaged`,
  });
  const ca = await unlockCa(store, NOW, new Secret('korrekt 密码'));
  for (const one of wanted) await issue(store, one, NOW, ca);
  t.deepEqual(await reasons(store), []);
});

test('observeStore() takes the CAs of a rotation, kept in directories of their own, for no leaves', async (t) => {
  const store = await filledStore(await scratch(t));
  const before = await observeStore(store);
  await createCa(join(store, 'next-ca'), desiredCa(inventory), NOW, new Secret('x'));
  t.deepEqual(await observeStore(store), before);
});

test('unlockCa() refuses the key of another CA', async (t) => {
  const directory = await scratch(t);
  const store = await filledStore(directory);
  await rm(join(store, 'ca.crt'));
  const key = await readFile(join(store, 'ca.key'), 'utf8');
  await rm(join(store, 'ca.key'));
  await createCa(store, desiredCa(inventory), NOW);
  await writeFile(join(store, 'ca.key'), key, { mode: 0o600 });
  await t.throwsAsync(unlockCa(store, NOW), {
    message: `${store}/ca.key: is not the key of ${store}/ca.crt`,
  });
});

test('unlockCa() refuses an expired CA', async (t) => {
  const store = await filledStore(await scratch(t));
  await t.throwsAsync(unlockCa(store, new Date('2040-01-01')), {
    message: `${store}/ca.crt: the CA expired on 2036-11-18`,
  });
});

test('writeAtomically() leaves the old file and nothing else when it cannot write', async (t) => {
  const directory = await scratch(t);
  // Its temporary file would have a name too long for any file system.
  const path = join(directory, 'k'.repeat(240));
  await writeFile(path, 'old');
  t.like(await t.throwsAsync(writeAtomically(path, new Secret('new'))), {
    name: 'Failure',
    message: `${path}: could not be written`,
  });
  t.deepEqual([await readdir(directory), await readFile(path, 'utf8')], [[basename(path)], 'old']);
});

test('storeDirectory() stands beside the inventory unless told otherwise', (t) => {
  t.is(storeDirectory({ cluster: 'prod', pki: {} }, '/srv/etcd'), '/srv/etcd/prod.pki');
  t.is(storeDirectory({ cluster: 'prod', pki: { store: '../keys' } }, '/srv/etcd'), '/srv/keys');
  t.is(storeDirectory({ cluster: 'prod', pki: { store: '~/k' } }, '/srv'), `${homedir()}/k`);
});
