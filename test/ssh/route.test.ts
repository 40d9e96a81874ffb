import { writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { routeTo } from '../../src/ssh/route.ts';
import { readSshConfig } from '../../src/ssh/ssh-config.ts';
import type { Target } from '../../src/ssh/target.ts';
import { directoryFor } from './directory.ts';

async function configOf(t: ExecutionContext, lines: readonly string[]) {
  const file = join(directoryFor(t), 'config');
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  return readSshConfig(file);
}

const target = (ssh: Target['ssh']): Target => ({ name: 'etcd01', address: '10.0.0.1', ssh });
const home = (file: string) => join(homedir(), '.ssh', file);

const DEFAULTS = {
  name: 'etcd01',
  host: '10.0.0.1',
  port: 22,
  user: userInfo().username,
  via: undefined,
  identityFiles: [home('id_ed25519'), home('id_ecdsa'), home('id_rsa')],
  named: false,
  identitiesOnly: false,
  passphrase: undefined,
  password: undefined,
  hostKeys: 'strict',
  hostKey: undefined,
  knownHosts: [home('known_hosts'), '/etc/ssh/ssh_known_hosts'],
};

test("routeTo() falls back on ssh's own defaults", async (t) => {
  const config = await configOf(t, []);
  t.deepEqual(routeTo(target({}), config), { through: [], last: DEFAULTS });
});

test('routeTo() lets ~/.ssh/config speak where the inventory is silent', async (t) => {
  const config = await configOf(t, [
    'Host 10.0.0.1',
    '  HostName etcd01.internal',
    '  User ops',
    '  Port 2222',
    '  IdentityFile /srv/id',
    '  UserKnownHostsFile /srv/known',
    '  StrictHostKeyChecking accept-new',
  ]);
  t.deepEqual(routeTo(target({}), config).last, {
    ...DEFAULTS,
    host: 'etcd01.internal',
    user: 'ops',
    port: 2222,
    identityFiles: ['/srv/id'],
    named: true,
    // A looser check than ours is not taken from there.
    hostKeys: 'strict',
    knownHosts: ['/srv/known', '/etc/ssh/ssh_known_hosts'],
  });
});

test('routeTo() lets the inventory win over ~/.ssh/config, but not loosen its host key check', async (t) => {
  const config = await configOf(t, [
    'Host *',
    '  User ops',
    '  Port 2222',
    '  IdentityFile /srv/id',
    '  UserKnownHostsFile /srv/known',
    '  StrictHostKeyChecking yes',
    '  ProxyJump bastion',
  ]);
  const ssh = {
    user: 'root',
    port: 22,
    identityFile: '/keys/id',
    passphrase: 'env:PASS',
    password: 'ask',
    knownHosts: '/keys/known',
    hostKeys: 'accept-new',
    hostKey: 'SHA256:x',
    jump: 'none',
  } as const;
  t.deepEqual(routeTo(target(ssh), config), {
    through: [],
    last: {
      ...DEFAULTS,
      user: 'root',
      identityFiles: ['/keys/id'],
      named: true,
      identitiesOnly: true,
      passphrase: 'env:PASS',
      password: 'ask',
      hostKeys: 'strict',
      hostKey: 'SHA256:x',
      knownHosts: ['/keys/known'],
    },
  });
});

test('routeTo() goes through a chain, each jump host with its own settings', async (t) => {
  const config = await configOf(t, [
    'Host outer',
    '  HostName outer.example',
    '  IdentityFile /srv/outer',
    '  ProxyJump door',
    'Host inner',
    '  ProxyJump ignored',
  ]);
  const { through, last } = routeTo(
    target({ user: 'ops', identityFile: '/keys/id', jump: 'outer,me@[fd00::1]:2222,inner' }),
    config,
  );
  t.deepEqual(
    [through[0]?.via, through[1]?.via, last.via],
    [undefined, 'ops@door:22', 'ops@door:22,ops@outer.example:22,me@[fd00::1]:2222,ops@inner:22'],
  );
  t.deepEqual(
    through.map(({ name, user, host, port, identityFiles }) => [
      name,
      `${user} ${host} ${port}`,
      ...identityFiles,
    ]),
    [
      ['etcd01 (by way of door)', 'ops door 22', '/keys/id'],
      ['etcd01 (by way of outer)', 'ops outer.example 22', '/srv/outer'],
      ['etcd01 (by way of fd00::1)', 'me fd00::1 2222', '/keys/id'],
      ['etcd01 (by way of inner)', 'ops inner 22', '/keys/id'],
    ],
  );
});

test('routeTo() takes ProxyJump from ~/.ssh/config', async (t) => {
  const config = await configOf(t, ['Host 10.*', '  ProxyJump ops@bastion:2022']);
  const { through } = routeTo(target({}), config);
  t.deepEqual(
    through.map(({ user, host, port }) => [user, host, port]),
    [['ops', 'bastion', 2022]],
  );
});

const fails = test.macro(
  async (t, lines: readonly string[], ssh: Target['ssh'], sentence: string) => {
    const config = await configOf(t, lines);
    t.like(
      t.throws(() => routeTo(target(ssh), config), { instanceOf: Failure }),
      { reason: 'usage', message: sentence },
    );
  },
);

test(
  'routeTo() refuses a jump host that leads back to itself',
  fails,
  ['Host bastion', '  ProxyJump bastion'],
  { jump: 'bastion' },
  'etcd01: the way through bastion has more than 8 hops',
);
test(
  'routeTo() refuses a ProxyCommand, which would be passed over in silence otherwise',
  fails,
  ['Host 10.*', '  ProxyCommand nc -x proxy %h %p'],
  {},
  'etcd01: ~/.ssh/config reaches 10.0.0.1 by a ProxyCommand, which provision does not run',
);
test(
  'routeTo() refuses a jump host it cannot read',
  fails,
  [],
  { jump: 'fd00::1:22' },
  'etcd01: cannot read the jump host fd00::1:22',
);
