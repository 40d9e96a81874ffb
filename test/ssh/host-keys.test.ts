import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sh } from '../../src/shell/command.ts';
import { fingerprint } from '../../src/ssh/known-hosts.ts';
import { spoken } from '../spoken.ts';
import { connected, refused, sshdFor } from './connected.ts';
import { directoryFor } from './directory.ts';
import { newKey, type Sshd } from './sshd.ts';

// sshd says so at this level for every attempt to authenticate, be it ever so short.
const TALKATIVE = ['LogLevel DEBUG1'];
const ATTEMPT = 'userauth-request for user';

const printOf = (line: string) => fingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

function knownHosts(t: ExecutionContext, text: string): string {
  const file = join(directoryFor(t), 'known_hosts');
  writeFileSync(file, text);
  return file;
}

function otherKey(t: ExecutionContext): string {
  const file = join(directoryFor(t), 'other');
  newKey(file);
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

const as = ({ port }: Sshd) => `[127.0.0.1]:${port}`;

test('connectAll() logs in where the host key is recorded', async (t) => {
  const sshd = await sshdFor(t, { config: TALKATIVE });
  const host = await connected(t, sshd.target());
  t.is((await host.run(sh`echo in`)).stdout, 'in\n');
  t.true(sshd.log().includes(ATTEMPT));
});

test('connectAll() finds a hashed record', async (t) => {
  const sshd = await sshdFor(t);
  execFileSync('ssh-keygen', ['-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
  t.true(readFileSync(sshd.knownHosts, 'utf8').startsWith('|1|'));
  await t.notThrowsAsync(connected(t, sshd.target()));
});

test('connectAll() does not authenticate to a host it does not know', async (t) => {
  const sshd = await sshdFor(t, { config: TALKATIVE });
  const failure = await refused(t, sshd.target({ knownHosts: '/nonexistent' }));
  t.like(spoken(failure), {
    reason: 'unreachable',
    message: `etcd01: the host key of 127.0.0.1 port ${sshd.port} is not known: it is ED25519 ${printOf(sshd.hostKey('ed25519'))}, and /nonexistent has no key of it`,
    next: `compare the fingerprint on the host, then: ssh-keyscan -t ed25519 -p ${sshd.port} 127.0.0.1 >> /nonexistent`,
  });
  t.false(sshd.log().includes(ATTEMPT));
});

test('connectAll() does not authenticate to a host whose key changed', async (t) => {
  const sshd = await sshdFor(t, { config: TALKATIVE });
  const old = otherKey(t);
  const file = knownHosts(t, `# mine\n${as(sshd)} ${old}\n`);
  const failure = await refused(t, sshd.target({ knownHosts: file, hostKeys: 'accept-new' }));
  t.like(spoken(failure), {
    reason: 'unreachable',
    message: `etcd01: the host key of 127.0.0.1 port ${sshd.port} has changed: it is ED25519 ${printOf(sshd.hostKey('ed25519'))}, but ${file}:2 holds ED25519 ${printOf(old)}`,
    next: `find out why (reinstalled, or someone in between?), then: ssh-keygen -R '${as(sshd)}' -f ${file}`,
  });
  t.false(sshd.log().includes(ATTEMPT));
});

test('connectAll() does not authenticate to a host whose key is revoked', async (t) => {
  const sshd = await sshdFor(t, { config: TALKATIVE });
  const key = sshd.hostKey('ed25519');
  const file = knownHosts(t, `${as(sshd)} ${key}\n@revoked * ${key}\n`);
  const failure = await refused(t, sshd.target({ knownHosts: file }));
  t.is(
    failure.message,
    `etcd01: the host key of 127.0.0.1 port ${sshd.port} is ED25519 ${printOf(key)}, which ${file}:2 says is revoked`,
  );
  t.false(sshd.log().includes(ATTEMPT));
});

test('connectAll() asks for the type of key that is recorded', async (t) => {
  const sshd = await sshdFor(t, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  const file = knownHosts(t, `${as(sshd)} ${sshd.hostKey('rsa')}\n`);
  await t.notThrowsAsync(connected(t, sshd.target({ knownHosts: file })));
});

test('connectAll() finds a pinned key of whatever type the host has', async (t) => {
  const sshd = await sshdFor(t, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const hostKey = printOf(sshd.hostKey(type));
    await t.notThrowsAsync(
      connected(t, sshd.target({ knownHosts: '/nonexistent', hostKey })),
      type,
    );
  }
});

test('connectAll() does not authenticate to a host that has not the pinned key', async (t) => {
  const sshd = await sshdFor(t, { config: TALKATIVE, hostKeys: ['ed25519', 'rsa'] });
  const hostKey = printOf(otherKey(t));
  const failure = await refused(t, sshd.target({ hostKey }));
  t.is(
    failure.message,
    `etcd01: the host key of 127.0.0.1 port ${sshd.port} is ED25519 ${printOf(sshd.hostKey('ed25519'))}, pinned is ${hostKey}`,
  );
  t.false(sshd.log().includes(ATTEMPT));
});

test('connectAll() records a first key under accept-new, and holds to it', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(directoryFor(t), 'ssh', 'known_hosts');
  await connected(t, sshd.target({ knownHosts: file, hostKeys: 'accept-new' }));
  t.is(readFileSync(file, 'utf8'), `${as(sshd)} ${sshd.hostKey('ed25519')}\n`);
  await t.notThrowsAsync(connected(t, sshd.target({ knownHosts: file })));
});
