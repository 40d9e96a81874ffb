import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';
import type { Hop } from '../../src/ssh/hop.ts';
import { judgeHostKey, readRecords, recordHostKey } from '../../src/ssh/host-key.ts';
import { fingerprint } from '../../src/ssh/known-hosts.ts';
import { directoryFor } from './directory.ts';

/** A public key blob of the type, filled with one byte. */
function key(type: string, fill: number): Buffer {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([field(Buffer.from(type)), field(Buffer.alloc(32, fill))]);
}

const SHOWN = key('ssh-ed25519', 1);
const OLD = key('ssh-ed25519', 2);
const RSA = key('ssh-rsa', 3);
const line = (hosts: string, blob: Buffer, type = 'ssh-ed25519') =>
  `${hosts} ${type} ${blob.toString('base64')}\n`;

const hop = (file: string, more: Partial<Hop> = {}): Hop => ({
  name: 'etcd01',
  host: '10.0.0.1',
  port: 2222,
  user: 'root',
  via: undefined,
  identityFiles: [],
  named: false,
  identitiesOnly: false,
  passphrase: undefined,
  password: undefined,
  hostKeys: 'strict',
  hostKey: undefined,
  knownHosts: [file],
  ...more,
});

const judged = test.macro(
  async (t, text: (file: string) => string, more: Partial<Hop>, expected: unknown) => {
    const file = join(directoryFor(t), 'known_hosts');
    writeFileSync(file, text(file));
    const here = hop(file, more);
    const verdict = judgeHostKey(here, await readRecords(here), SHOWN);
    const words = (spoken: string | undefined) => spoken?.replaceAll(file, 'FILE');
    t.deepEqual(
      verdict instanceof Failure
        ? [verdict.reason, words(verdict.message), words(nextText(verdict.next ?? []))]
        : verdict,
      expected,
    );
  },
);

const WHERE = 'etcd01: the host key of 10.0.0.1 port 2222';
const IS = `is ED25519 ${fingerprint(SHOWN)}`;

test(
  'judgeHostKey() knows a recorded key',
  judged,
  () => line('[10.0.0.1]:2222', OLD) + line('other,[10.0.0.1]:2222', SHOWN),
  {},
  'known',
);
test(
  'judgeHostKey() does not know a key recorded for another port',
  judged,
  () => line('10.0.0.1', SHOWN),
  {},
  [
    'unreachable',
    `${WHERE} is not known: it ${IS}, and FILE has no key of it`,
    'compare the fingerprint on the host, then: ssh-keyscan -t ed25519 -p 2222 10.0.0.1 >> FILE',
  ],
);
test(
  'judgeHostKey() says how to record a key behind a jump host',
  judged,
  () => '',
  { via: 'ops@bastion:22' },
  [
    'unreachable',
    `${WHERE} is not known: it ${IS}, and FILE has no key of it`,
    'compare the fingerprint on the host, then: ssh -o UserKnownHostsFile=FILE -J ops@bastion:22 -p 2222 root@10.0.0.1 true',
  ],
);
test(
  'judgeHostKey() shows both fingerprints and the line of a key that changed',
  judged,
  () => line('other', SHOWN) + line('[10.0.0.1]:2222', OLD),
  { hostKeys: 'accept-new' },
  [
    'unreachable',
    `${WHERE} has changed: it ${IS}, but FILE:2 holds ED25519 ${fingerprint(OLD)}`,
    "find out why (reinstalled, or someone in between?), then: ssh-keygen -R '[10.0.0.1]:2222' -f FILE",
  ],
);
test(
  'judgeHostKey() holds a key of another type for a change, also under accept-new',
  judged,
  () => line('[10.0.0.1]:2222', RSA, 'ssh-rsa'),
  { hostKeys: 'accept-new' },
  [
    'unreachable',
    `${WHERE} has changed: it ${IS}, but FILE:1 holds RSA ${fingerprint(RSA)}`,
    "find out why (reinstalled, or someone in between?), then: ssh-keygen -R '[10.0.0.1]:2222' -f FILE",
  ],
);
test(
  'judgeHostKey() refuses a revoked key, though it is recorded as well',
  judged,
  () => `${line('[10.0.0.1]:2222', SHOWN)}@revoked ${line('*', SHOWN)}`,
  {},
  [
    'unreachable',
    `${WHERE} ${IS}, which FILE:2 says is revoked`,
    'do not log in; give the host a new key and record that one',
  ],
);
test(
  'judgeHostKey() says that host certificates are not supported where one would have done',
  judged,
  () => `@cert-authority ${line('*', OLD)}`,
  {},
  [
    'unreachable',
    `${WHERE} is not known: it ${IS}, and FILE has no key of it (host certificates, as in FILE:1, are not supported)`,
    'compare the fingerprint on the host, then: ssh-keyscan -t ed25519 -p 2222 10.0.0.1 >> FILE',
  ],
);
test(
  'judgeHostKey() takes a first key under accept-new',
  judged,
  () => '',
  { hostKeys: 'accept-new' },
  'new',
);
test(
  'judgeHostKey() asks nothing but the pin where there is one',
  judged,
  () => line('[10.0.0.1]:2222', OLD),
  { hostKey: fingerprint(SHOWN) },
  'known',
);
test(
  'judgeHostKey() refuses what is not the pinned key, though it is recorded',
  judged,
  () => line('[10.0.0.1]:2222', SHOWN),
  { hostKey: fingerprint(OLD) },
  [
    'unreachable',
    `${WHERE} ${IS}, pinned is ${fingerprint(OLD)}`,
    'find out why; if the host was reinstalled, change hostKey in the inventory',
  ],
);

test('recordHostKey() adds a line that is then known, and keeps what was there', async (t) => {
  const file = join(directoryFor(t), 'new', 'known_hosts');
  const here = hop(file, { hostKeys: 'accept-new' });
  await recordHostKey(here, OLD);
  writeFileSync(file, 'etcd02 without a newline');
  await recordHostKey(here, SHOWN);

  t.is(readFileSync(file, 'utf8'), `etcd02 without a newline\n${line('[10.0.0.1]:2222', SHOWN)}`);
  t.is(judgeHostKey(here, await readRecords(here), SHOWN), 'known');
});

test('recordHostKey() loses no line when many hosts are new at once', async (t) => {
  const file = join(directoryFor(t), 'known_hosts');
  const hops = Array.from({ length: 40 }, (_, index) => hop(file, { host: `10.0.1.${index}` }));
  await Promise.all(hops.map((each) => recordHostKey(each, SHOWN)));
  t.deepEqual(
    readFileSync(file, 'utf8').trimEnd().split('\n').sort(),
    hops.map((each) => line(`[${each.host}]:2222`, SHOWN).trimEnd()).sort(),
  );
});

test('readRecords() says which file it cannot read', async (t) => {
  const directory = directoryFor(t);
  const failure = await t.throwsAsync(readRecords(hop(directory)), { instanceOf: Failure });
  t.like(failure, {
    reason: 'usage',
    message: `etcd01: the known hosts cannot be read: ${directory}: is a directory; it should be a file, or missing`,
  });
});
