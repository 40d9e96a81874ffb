import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sandbox, tryArrived, tryProgram, UNFIT, unfit } from '../../src/binaries/trial.ts';
import { readVersion } from '../../src/binaries/version.ts';
import { nextText } from '../../src/problem/render.ts';
import { sh } from '../../src/shell/command.ts';
import { localHost } from '../host/local-host.ts';
import { temporary } from './sample.ts';

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const host = localHost('etcd01');
const UNIT = [
  '[Unit]',
  'RequiresMountsFor=/var/lib/etcd',
  '[Service]',
  'Type=notify',
  'User=nobody',
  'EnvironmentFile=/etc/etcd/etcd.conf',
  'ExecStart=/opt/etcd/current/etcd',
  'Restart=on-failure',
  'LimitNOFILE=65536',
  'UMask=0077',
  'NoNewPrivileges=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectSystem=strict',
  'ReadWritePaths=/var/lib/etcd',
  'OOMScoreAdjust=-900',
].join('\n');
const TRIAL = { version: '3.5.16', account: 'nobody', unitFile: UNIT };
/** No systemd runs where these tests do, so a trial goes with the account alone. */
const NO_SYSTEMD = { PATH: process.env.PATH };

/** A program that says this, or a file with this in it. */
function program(t: ExecutionContext, text: string, mode = 0o755): string {
  const directory = temporary(t);
  chmodSync(directory, 0o755);
  const path = join(directory, 'etcd');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const tried = async (path: string) =>
  localHost('etcd01', NO_SYSTEMD).run(tryProgram(sh`${path}`, TRIAL));

test('sandbox() takes who the service is and what it may do, nothing that leaves a trace', (t) => {
  t.deepEqual(sandbox(UNIT), [
    'User=nobody',
    'LimitNOFILE=65536',
    'UMask=0077',
    'NoNewPrivileges=yes',
    'PrivateDevices=yes',
    'ProtectSystem=strict',
    'ReadWritePaths=/var/lib/etcd',
  ]);
});

test('readVersion() reads what every etcd says first, also behind a warning', (t) => {
  t.is(readVersion('etcd Version: 3.5.16\nGit SHA: Not provided'), '3.5.16');
  t.is(readVersion('2026 warning\netcd Version: 3.6.0-rc.1\n'), '3.6.0-rc.1');
  t.is(readVersion('etcdctl version: 3.5.16'), undefined);
});

asRoot('tryProgram() lets the expected version pass, run by the account of the unit', async (t) => {
  const path = program(
    t,
    '#!/bin/sh\n[ "$(id -un)" = nobody ] || exit 1\necho etcd Version: 3.5.16\necho Git SHA: x\n',
  );
  t.deepEqual(await tried(path), { exitCode: 0, stdout: '', stderr: '' });
});

asRoot('tryProgram() tells another version, also one that begins alike', async (t) => {
  const { exitCode, stdout } = await tried(program(t, '#!/bin/sh\necho etcd Version: 3.5.161\n'));
  t.is(exitCode, UNFIT);
  const { reason, message, next } = unfit('etcd01', '/opt/etcd', '3.5.16', stdout);
  t.deepEqual(
    [reason, message, nextText(next ?? [])],
    [
      'refused',
      'etcd01: /opt/etcd is etcd 3.5.161, and 3.5.16 is to be started; nothing was stopped for it',
      'put the programs of etcd 3.5.16 there, or set etcd.version to 3.5.161 if that is meant',
    ],
  );
});

asRoot(
  'tryArrived() runs a program by the account alone, and tells one that is not fit',
  async (t) => {
    const run = (path: string) =>
      localHost('etcd01', NO_SYSTEMD).run(tryArrived(sh`${path}`, TRIAL));
    const fit = program(t, '#!/bin/sh\n[ "$(id -un)" = nobody ] && echo etcd Version: 3.5.16\n');
    t.deepEqual(await run(fit), { exitCode: 0, stdout: '', stderr: '' });
    const unfitOnes = [
      '#!/bin/sh\necho etcd Version: 3.5.161\n',
      '#!/bin/sh\nexit 3\n',
      'no program',
    ];
    for (const text of unfitOnes) t.is((await run(program(t, text))).exitCode, UNFIT, text);
  },
);

const LINE = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by etcd)";

const complaints = test.macro(
  async (t: ExecutionContext, text: string, mode: number, expected: RegExp) => {
    const path = program(t, text, mode);
    const { exitCode, stdout } = await tried(path);
    t.is(exitCode, UNFIT);
    const { message } = unfit('etcd01', '/opt/etcd', '3.5.16', stdout);
    t.regex(message, expected);
  },
);

asRoot(
  "tryProgram() gives the program's own line",
  complaints,
  `#!/bin/sh\ncat >&2 <<'E'\n${LINE}\nE\nexit 1\n`,
  0o755,
  /^etcd01: \/opt\/etcd does not run there: .*version `GLIBC_2\.34' not found \(required by etcd\); nothing was stopped for it$/,
);
asRoot(
  'tryProgram() names a program that is not executable',
  complaints,
  '#!/bin/sh\n',
  0o644,
  /does not run there: .*Permission denied; nothing/,
);
asRoot(
  'tryProgram() names a program of another machine',
  complaints,
  '\x7fELF\x02\x01\x01',
  0o755,
  /does not run there: .*Exec format error; nothing/,
);
asRoot(
  'tryProgram() names a program that says nothing and fails',
  complaints,
  '#!/bin/sh\nexit 3\n',
  0o755,
  /does not run there: it ends with exit code 3; nothing/,
);

test('tryProgram() needs no more than quoting to try a path with a quote in it', async (t) => {
  const { exitCode, stdout } = await host.run(tryProgram(sh`${"/nowhere/it's etcd"}`, TRIAL));
  t.is(exitCode, UNFIT);
  t.regex(unfit('etcd01', '/x', '3.5.16', stdout).message, /No such file or directory/);
});

asRoot('tryProgram() tries a program before its account was made, as nobody', async (t) => {
  const path = program(t, '#!/bin/sh\n[ "$(id -u)" = 65534 ] && echo etcd Version: 3.5.16\n');
  const trial = { ...TRIAL, account: 'nobody-knows', unitFile: '[Service]\nUser=nobody-knows' };
  const tried = await localHost('etcd01', NO_SYSTEMD).run(tryProgram(sh`${path}`, trial));
  t.deepEqual(tried, { exitCode: 0, stdout: '', stderr: '' });
});
