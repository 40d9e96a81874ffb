import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { desiredCa, desiredCertificates } from '../../../src/desired/certificates.ts';
import { inventorySchema } from '../../../src/inventory/schema.ts';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { makeRequest } from '../../../src/pki/encoding/csr.ts';
import { certify } from '../../../src/pki/issue/certify.ts';
import { issue } from '../../../src/pki/issue/issue.ts';
import { genpkeyWords } from '../../../src/pki/keys/genpkey.ts';
import { generateKey, type KeyKind } from '../../../src/pki/keys/keys.ts';
import { removeKeys } from '../../../src/pki/keys/remove-keys.ts';
import { readInstalledPair } from '../../../src/pki/store/installed-pair.ts';
import { observeStore } from '../../../src/pki/store/store.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { whyReissue } from '../../../src/pki/verify/judge.ts';
import { verifyStore } from '../../../src/pki/verify/verify.ts';
import { checkSeenCertificate } from '../../../src/pki/verify/verify-observed.ts';
import { NOW, openssl, P256, scratch } from '../workshop.ts';

const SUM = 'ab'.repeat(32);
const written = {
  cluster: 'lab',
  etcd: { version: '3.5.30' },
  members: [{ name: 'etcd01', address: '198.18.0.1' }],
};
const inventory = inventorySchema.parse({ ...written, pki: { keys: 'host' } });
const [server, peer, healthcheck, admin] = desiredCertificates(inventory);
if (!server || !peer || !healthcheck || !admin) throw new Error('a member has three certificates');
const [stored] = desiredCertificates(inventorySchema.parse(written));
if (!stored) throw new Error('a member has three certificates');

async function storeWithCa(directory: string): Promise<string> {
  const store = join(directory, 'lab.pki');
  await createCa(store, desiredCa(inventory), NOW);
  return store;
}

/** A request by the real openssl that asks for everything it must not get. */
async function greedyRequest(directory: string, kind: KeyKind = P256): Promise<string> {
  const key = join(directory, 'host.key');
  await openssl('genpkey', ...genpkeyWords(kind), '-out', key);
  return openssl(
    ...['req', '-new', '-sha256', '-key', key, '-subj', '/O=system:masters/CN=root'],
    ...['-addext', 'subjectAltName=DNS:evil.test', '-addext', 'basicConstraints=CA:TRUE'],
    ...['-addext', 'extendedKeyUsage=codeSigning'],
  );
}

const why = async (store: string, onHost?: ReadonlySet<string>, desired = server) => {
  const { certificates, ca } = await observeStore(store);
  return whyReissue(desired, certificates.get(desired.id), ca?.fact, NOW, onHost);
};

test('certify() takes the key from the request, and nothing else', async (t) => {
  const directory = await scratch(t);
  for (const kind of [P256, { algo: 'ecdsa', size: 384 }, { algo: 'rsa', size: 2048 }] as const) {
    const store = await storeWithCa(join(directory, `${kind.algo}-${kind.size}`));
    const request = await greedyRequest(directory, kind);
    const ca = await unlockCa(store, NOW);
    const desired = { ...server, key: kind };
    await certify(store, desired, { request, keySha256: SUM }, 'etcd01', NOW, ca);

    const path = join(store, 'etcd01/server.crt');
    const fact = inspectCertificate(await readFile(path, 'utf8'));
    t.like(fact, { subject: server.subject, usages: server.usages, isCa: false, key: kind });
    t.deepEqual([...fact.names].sort(), [...server.names].sort());
    const pub = await openssl('pkey', '-in', join(directory, 'host.key'), '-pubout');
    t.is(await openssl('x509', '-in', path, '-noout', '-pubkey'), pub);
    t.deepEqual((await readdir(join(store, 'etcd01'))).sort(), ['server.crt', 'server.host-key']);
    t.is(await why(store, new Set([SUM]), desired), undefined);
  }
});

test('certify() refuses a forged request and another kind of key, and writes nothing', async (t) => {
  const directory = await scratch(t);
  const store = await storeWithCa(directory);
  const ca = await unlockCa(store, NOW);
  const request = await greedyRequest(directory);
  const lines = request.split('\n');
  const last = lines.findIndex((line) => line.startsWith('-----END')) - 2;
  const forged = lines
    .map((line, index) => (index === last ? [...line].reverse().join('') : line))
    .join('\n');
  const attempt = (text: string, desired = server) =>
    certify(store, desired, { request: text, keySha256: SUM }, 'etcd01: its request', NOW, ca);

  const { message: signature } = await t.throwsAsync(attempt(forged));
  t.regex(signature, /^etcd01: its request: /);
  await t.throwsAsync(attempt(request, { ...server, key: { algo: 'rsa', size: 2048 } }), {
    message: 'etcd01: its request: its key is ecdsa 256, wanted rsa 2048',
  });
  await t.throwsAsync(attempt(''), {
    message: 'etcd01: its request: does not hold one certificate signing request',
  });
  t.deepEqual((await readdir(store)).sort(), ['ca.crt', 'ca.key']);
});

test('whyReissue() says where the key is, and where it should be', async (t) => {
  const store = await storeWithCa(await scratch(t));
  const ca = await unlockCa(store, NOW);
  const onHost = new Set([SUM]);
  t.is(await why(store, onHost), 'missing');
  await issue(store, stored, NOW);
  t.is(await why(store, onHost), 'its key is in the store, wanted on the host');
  t.is(await why(store, onHost, stored), undefined);

  const request = await makeRequest({ subject: [], names: [] }, await generateKey(P256));
  await certify(store, server, { request, keySha256: SUM }, 'etcd01', NOW, ca);
  t.is(await why(store, onHost), undefined);
  t.is(await why(store, undefined), undefined);
  t.is(await why(store, new Set()), 'its key is missing on the host');
  // The key of the former certificate still lies there.
  t.is(await why(store, onHost, stored), "the key is not the certificate's");
  await removeKeys(store, [server.id, peer.id]);
  t.is(await why(store, onHost), undefined);
  t.is(await why(store, onHost, stored), 'its key is on the host, wanted in the store');

  await issue(store, stored, NOW);
  t.deepEqual((await readdir(join(store, 'etcd01'))).sort(), ['server.crt', 'server.key']);
});

test('whyReissue() sees a run that was killed between the record of a key and its certificate', async (t) => {
  const store = await storeWithCa(await scratch(t));
  const ca = await unlockCa(store, NOW);
  const make = async (keySha256: string) => {
    const request = await makeRequest({ subject: [], names: [] }, await generateKey(P256));
    await certify(store, server, { request, keySha256 }, 'etcd01', NOW, ca);
  };
  await make(SUM);
  const path = join(store, 'etcd01/server.crt');
  const former = await readFile(path, 'utf8');
  const other = 'cd'.repeat(32);
  await make(other);
  t.is(await why(store, new Set([other])), undefined);
  await writeFile(path, former);
  t.is(await why(store, new Set([SUM, other])), "the key is not the certificate's");
  await t.throwsAsync(readInstalledPair(store, server), {
    message: `${join(store, 'etcd01/server.host-key')}: is not of the key of ${path}`,
  });
  await rm(join(store, 'etcd01/server.host-key'));
  t.is(await why(store), 'its key is missing');
  await t.throwsAsync(readInstalledPair(store, server), {
    message: /server\.host-key: is missing/,
  });
});

test('checkSeenCertificate() compares the key beside a certificate with the one the store knows of', async (t) => {
  const store = await storeWithCa(await scratch(t));
  const ca = await unlockCa(store, NOW);
  const look = async (key: { sha256: string | undefined } | undefined, desired = server) => {
    const facts = await observeStore(store);
    const fact = facts.certificates.get(server.id)?.fact ?? new Error('missing');
    const sight = { desired, where: 'file there', fact, clock: NOW, key };
    return checkSeenCertificate(sight, facts, NOW).map(({ sentence }) => sentence);
  };
  const request = await makeRequest({ subject: [], names: [] }, await generateKey(P256));
  await certify(store, server, { request, keySha256: SUM }, 'etcd01', NOW, ca);
  const another = 'lies beside another key: "private key does not match public key"';
  t.deepEqual(await look({ sha256: SUM }), []);
  t.deepEqual(await look(undefined), []);
  t.deepEqual(await look({ sha256: SUM }, stored), []);
  t.deepEqual(await look({ sha256: 'cd'.repeat(32) }), [another]);
  t.deepEqual(await look({ sha256: undefined }), ['its key is missing']);

  await issue(store, stored, NOW);
  const sha256 = (await observeStore(store)).certificates.get(server.id)?.keySha256;
  t.deepEqual(await look({ sha256 }), []);
  t.deepEqual(await look({ sha256: SUM }, stored), [another]);
});

test('observeStore() names a record of a key that cannot be read', async (t) => {
  const store = await storeWithCa(await scratch(t));
  await issue(store, stored, NOW);
  const path = join(store, 'etcd01/server.host-key');
  for (const text of ['', '{}', `{"sha256":"${SUM}","publicKeySha256":"no"}`]) {
    await writeFile(path, text);
    await t.throwsAsync(observeStore(store), { message: `${path}: is not a record of a key` });
  }
});

test('verifyStore() judges keys on hosts by their record, and points at those that lie here too', async (t) => {
  const store = await storeWithCa(await scratch(t));
  const ca = await unlockCa(store, NOW);
  await issue(store, admin, NOW);
  for (const desired of [server, peer, healthcheck]) {
    await issue(store, { ...desired, keyPlace: 'store' }, NOW);
    const request = await makeRequest({ subject: [], names: [] }, await generateKey(P256));
    await certify(store, desired, { request, keySha256: SUM }, 'etcd01', NOW, ca);
  }
  const wanted = [server, peer, healthcheck, admin];
  const found = async () =>
    verifyStore(await observeStore(store), wanted, NOW).map(
      ({ about, kind, severity }) => `${severity} ${about}: ${kind}`,
    );
  t.deepEqual(await found(), [
    'warn etcd01/server: key place',
    'warn etcd01/peer: key place',
    'warn etcd01/healthcheck-client: key place',
  ]);
  await removeKeys(
    store,
    wanted.map(({ id }) => (id === 'admin' ? 'none' : id)),
  );
  t.deepEqual(await found(), []);
  const asStored = verifyStore(await observeStore(store), [stored, admin], NOW);
  t.deepEqual(
    asStored.map(({ severity, sentence }) => `${severity}: ${sentence}`),
    ['warn: has its key on its host, although the store is to keep it'],
  );
  await rm(join(store, 'etcd01/peer.host-key'));
  t.deepEqual(await found(), ['fail etcd01/peer: key']);
  await issue(store, { ...peer, keyPlace: 'store' }, NOW);
  t.deepEqual(await found(), ['warn etcd01/peer: key place']);
});
