import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { readSshConfig } from '../../src/ssh/ssh-config.ts';
import { spoken } from '../spoken.ts';
import { directoryFor } from './directory.ts';

const SILENT = {
  hostName: undefined,
  user: undefined,
  port: undefined,
  identityFiles: [],
  identitiesOnly: false,
  proxyJump: undefined,
  proxyCommand: undefined,
  knownHosts: [],
  strict: false,
};

function configIn(directory: string, lines: readonly string[], name = 'config'): string {
  const file = join(directory, name);
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  return file;
}

test('readSshConfig() says nothing where there is no file', async (t) => {
  const config = await readSshConfig(join(directoryFor(t), 'config'));
  t.deepEqual(config('etcd01', undefined), SILENT);
});

test('readSshConfig() honours what it knows, whatever the case, the first value winning', async (t) => {
  const file = configIn(directoryFor(t), [
    'host etcd0? !etcd02',
    '  hostname %h.example',
    '  USER ops',
    '  Port 2222',
    '  IdentityFile ~/keys/%r-%h',
    '  IdentityFile "/srv/my keys/id"',
    '  IdentitiesOnly yes',
    '  ProxyJump bastion,inner',
    '  UserKnownHostsFile ~/known1 ~/known2',
    '  StrictHostKeyChecking yes',
    '  ForwardAgent yes',
    'Host *',
    '  User nobody',
    '  ProxyCommand none',
  ]);
  const config = await readSshConfig(file);

  t.deepEqual(config('etcd01', undefined), {
    hostName: 'etcd01.example',
    user: 'ops',
    port: 2222,
    identityFiles: [`${homedir()}/keys/ops-etcd01.example`, '/srv/my keys/id'],
    identitiesOnly: true,
    proxyJump: 'bastion,inner',
    proxyCommand: undefined,
    knownHosts: [`${homedir()}/known1`, `${homedir()}/known2`],
    strict: true,
  });
  t.deepEqual(config('etcd02', undefined), { ...SILENT, user: 'nobody' });
});

test('readSshConfig() keeps the section an include stands in', async (t) => {
  const directory = directoryFor(t);
  mkdirSync(join(directory, 'more'));
  configIn(directory, ['Host other', '  Port 1', 'Host etcd01', '  Port 2222'], 'more/b.conf');
  configIn(directory, ['User fromfile'], 'more/a.conf');
  configIn(directory, ['Port 9999'], 'more/.hidden.conf');
  const file = configIn(directory, [
    `Include ${directory}/more/*.conf ${directory}/none/*`,
    'Host etcd01',
    `  Include ${directory}/more/a.conf`,
    '  IdentityFile /srv/id',
  ]);
  const config = await readSshConfig(file);

  t.deepEqual(config('etcd01', undefined), {
    ...SILENT,
    user: 'fromfile',
    port: 2222,
    identityFiles: ['/srv/id'],
  });
  t.deepEqual(config('etcd02', undefined), { ...SILENT, user: 'fromfile' });
});

test('readSshConfig() runs nothing', async (t) => {
  const directory = directoryFor(t);
  const file = configIn(directory, [
    `Match exec "touch ${directory}/ran"`,
    '  Port 2222',
    'Host *',
    '  CanonicalizeHostname yes',
    '  CanonicalDomains example',
  ]);
  const config = await readSshConfig(file);
  t.deepEqual(config('etcd01', undefined), SILENT);
  t.throws(() => execFileSync('test', ['-e', `${directory}/ran`]));
});

const HOSTS = ['etcd01', 'etcd02', 'db.example', '10.0.0.7'];
const SAMPLE = [
  'Host etcd* !etcd02',
  '  HostName %h.internal',
  '  User=ops',
  'Match host *.internal',
  '  Port 2200',
  'Match user ops',
  '  ProxyJump bastion',
  'Match originalhost db.example',
  '  Port 2300',
  'Host 10.0.0.*',
  '\tIdentityFile\t/srv/%h',
  '  IdentitiesOnly yes',
  'Host *',
  '  Port 2400',
  '  IdentityFile /srv/last',
];

test('readSshConfig() agrees with ssh -G', async (t) => {
  const file = configIn(directoryFor(t), SAMPLE);
  const config = await readSshConfig(file);
  for (const host of HOSTS) {
    const said = execFileSync('ssh', ['-T', '-F', file, '-G', host], { encoding: 'utf8' });
    const all = (key: string) =>
      [...said.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map(([, value]) => value);
    const ours = config(host, undefined);
    t.deepEqual(
      {
        host: ours.hostName ?? host,
        user: ours.user ?? userInfo().username,
        port: String(ours.port ?? 22),
        files: ours.identityFiles,
        only: ours.identitiesOnly ? 'yes' : 'no',
        jump: ours.proxyJump,
      },
      {
        host: all('hostname')[0],
        user: all('user')[0],
        port: all('port')[0],
        // ssh prints them before it puts the host in.
        files: all('identityfile').map((path) => path?.replaceAll('%h', host)),
        only: all('identitiesonly')[0],
        jump: all('proxyjump')[0],
      },
      host,
    );
  }
});

test('readSshConfig() does not trust a file that others can change', async (t) => {
  const file = configIn(directoryFor(t), ['Host *', '  ProxyJump evil']);
  chmodSync(file, 0o666);
  const failure = await t.throwsAsync(readSshConfig(file), { instanceOf: Failure });
  t.like(spoken(failure), {
    message: `${file} can be changed by others, so it is not to be trusted`,
    reason: 'usage',
    next: `chown "$USER" ${file} && chmod go-w ${file}`,
  });
});

test('readSshConfig() stops at a file that includes itself', async (t) => {
  const directory = directoryFor(t);
  const file = configIn(directory, [`Include ${directory}/config`]);
  const failure = await t.throwsAsync(readSshConfig(file), { instanceOf: Failure });
  t.is(failure?.message, `${file}: included more than 16 levels deep`);
});

test('readSshConfig() says that a file makes no sense', async (t) => {
  const file = configIn(directoryFor(t), ['Host "etcd01', '  Port 22']);
  const failure = await t.throwsAsync(readSshConfig(file), { instanceOf: Failure });
  t.is(failure?.message, `${file}: not an ssh configuration`);
});
