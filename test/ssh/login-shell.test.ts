import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { sh } from '../../src/shell/command.ts';
import { BEGIN, loginShellLine } from '../../src/ssh/login-shell.ts';
import { directoryFor } from './directory.ts';

// What a login shell may be; those this machine lacks are reported as skipped.
const SHELLS = ['sh', 'bash', 'zsh', 'fish', 'tcsh'].map((name) => `/usr/bin/${name}`);
const HOSTILE = [
  '',
  "it's",
  '!! !$ !ls ^a^b',
  'back\\slash \\n \\\\ \\\' \\" \\!',
  'line\nline\r\n\tline\n',
  '$HOME $' + '{HOME} $(id) `id` %HOME% ~',
  '" \' ; & | < > ( ) { } [ ] * ? # =',
  'ünïcode 漢字 🙂',
  '\u0001\u001b[31m\u007f',
  '-n -e -- %s %b \\0101 \\101 \\c',
];

function run(shell: string, text: string, environment: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', loginShellLine(text)], {
    env: { HOME: '/', PATH: '/nowhere', ...environment },
  });
  const after = (bytes: Buffer) => {
    const at = bytes.indexOf(BEGIN);
    return at < 0 ? undefined : bytes.subarray(at + BEGIN.length).toString();
  };
  return { status, stdout: after(stdout), stderr: after(stderr) };
}

for (const shell of SHELLS) {
  const it = existsSync(shell) ? test : test.skip;

  it(`loginShellLine() brings hostile text through ${shell} unchanged`, (t) => {
    t.deepEqual(run(shell, sh`printf '%s|' ${HOSTILE}; echo oops >&2; exit 7`.text), {
      status: 7,
      stdout: `${HOSTILE.join('|')}|`,
      stderr: 'oops\n',
    });
  });

  it(`loginShellLine() brings any text through ${shell} unchanged`, (t) => {
    const words = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 4 });
    const property = fc.property(words, (arguments_) => {
      const given = arguments_.map((word) => Buffer.from(word.replaceAll('\0', '')).toString());
      const { stdout } = run(shell, sh`printf '%s|' ${['', ...given]}`.text);
      return stdout === `|${given.map((word) => `${word}|`).join('')}`;
    });
    t.notThrows(() => fc.assert(property, { numRuns: 40 }));
  });

  it(`loginShellLine() starts from a clean environment below ${shell}`, (t) => {
    const dirty = {
      LANG: 'de_DE.UTF-8',
      CDPATH: '/usr',
      ETCDCTL_ENDPOINTS: 'http://elsewhere:2379',
      HOME: '/tmp',
    };
    const { stdout = '' } = run(shell, 'umask; pwd; env | grep -v ^PWD= | sort', dirty);
    t.deepEqual(stdout.split('\n').slice(0, -1), [
      '0022',
      process.cwd(),
      'HOME=/tmp',
      'LC_ALL=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ]);
  });
}

test('loginShellLine() leaves the mark out of what a tracing profile prints', (t) => {
  const home = directoryFor(t);
  writeFileSync(join(home, '.bashrc'), 'set -x\n');
  // bash reads .bashrc when sshd starts it, which it tells by a socket as stdin; node gives it one.
  const { stderr } = spawnSync('/bin/bash', ['-c', loginShellLine('true')], {
    env: { HOME: home, SSH_CLIENT: '127.0.0.1 1 22' },
  });
  t.is(stderr.indexOf(BEGIN), stderr.lastIndexOf(BEGIN));
  t.true(stderr.toString().startsWith('+ exec /usr/bin/env'), stderr.toString());
});
