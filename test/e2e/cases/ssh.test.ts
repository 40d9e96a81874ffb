import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../../src/failure/failure.ts';
import { writeFiles } from '../../../src/host/write-files.ts';
import type { Debian } from '../../../src/lab/debian.ts';
import { labDown } from '../../../src/lab/down.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { nextText } from '../../../src/problem/render.ts';
import { sh } from '../../../src/shell/command.ts';
import { Secret } from '../../../src/shell/secret.ts';
import type { Target } from '../../../src/ssh/target.ts';
import { spoken } from '../../spoken.ts';
import { connected, refused } from '../../ssh/connected.ts';
import { startLab, type TestLab } from '../lab/lab.ts';

const PASSWORD = 'pa ss"$\\word';
delete process.env.SSH_AUTH_SOCK;

/** Accounts as real hosts have them, and an sshd that offers nothing but commands. */
const SURROUNDINGS = sh`set -eu
for each in fish:/usr/bin/fish tcsh:/usr/bin/tcsh zsh:/usr/bin/zsh bash:/bin/bash none:/bin/bash tty:/bin/bash gone:/usr/sbin/nologin; do
  name=u\${each%%:*}
  useradd --create-home --shell "\${each#*:}" "$name"
  printf '%s:%s\\n' "$name" ${PASSWORD} | chpasswd
  mkdir -m 700 "/home/$name/.ssh"
  cp /root/.ssh/authorized_keys "/home/$name/.ssh/authorized_keys"
  chown -R "$name:" "/home/$name/.ssh"
done
rm /home/unone/.ssh/authorized_keys

mkdir -p /home/ufish/.config/fish
cat > /home/ufish/.config/fish/config.fish <<'E'
echo "Welcome, have a lot of fun!"; echo "and mind the gap" >&2
umask 077; set -gx LANG de_DE.UTF-8; set -gx ETCDCTL_ENDPOINTS http://elsewhere:2379
function sudo; echo "no sudo for you"; end
E
printf 'echo noise\\nsetenv PATH /nowhere\\numask 000\\nalias env echo gotcha\\nset backslash_quote\\n' > /home/utcsh/.tcshrc
printf 'print -P %%F{red}noise\\nunsetopt PROMPT_SP\\n' > /home/uzsh/.zshenv
printf 'echo noise\\nset -x\\nexport CDPATH=/usr\\n' > /home/ubash/.bashrc
for name in ufish utcsh uzsh ubash; do chown -R $name: /home/$name; done

cat > /etc/sudoers.d/accounts <<'E'
Defaults lecture = always
Defaults:utty requiretty
ufish ALL=(root) NOPASSWD: /bin/sh
uzsh ALL=(root) NOPASSWD: /bin/sh
ubash ALL=(root) /bin/sh
utty ALL=(root) NOPASSWD: /bin/sh
E
chmod 440 /etc/sudoers.d/accounts
echo 'permit nopass utcsh as root cmd /bin/sh' > /etc/doas.conf
chmod 600 /etc/doas.conf

sed -i '/sftp-server/d' /etc/ssh/sshd_config
echo 'Your session is recorded.' > /etc/issue.net
echo 'Today is a good day.' > /etc/motd
cat >> /etc/ssh/sshd_config <<'E'
Banner /etc/issue.net
PrintMotd yes
Match LocalPort 2200
  PasswordAuthentication no
  ${'KbdInteractiveAuthentication'} yes
Match LocalPort 2201
  MaxSessions 1
E
sed -i '1i Port 22\\nPort 2200\\nPort 2201\\nMaxStartups 1:70:3' /etc/ssh/sshd_config
systemctl restart ssh`;

const WHERE = sh`id -u; umask; echo "$LC_ALL \${LANG-none} \${ETCDCTL_ENDPOINTS-none} \${CDPATH-none}"; echo "$PATH"; echo fine >&2`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Place {
  readonly lab: TestLab;
  readonly host: LabHost;
  readonly target: (ssh: Target['ssh']) => Target;
}

const places = new Map<Debian, Promise<Place>>();

function placeOf(t: ExecutionContext, debian: Debian): Promise<Place> {
  t.timeout(900_000, 'a base may have to be built');
  const place = places.get(debian) ?? prepare(t, debian);
  places.set(debian, place);
  return place;
}

async function prepare(t: ExecutionContext, debian: Debian): Promise<Place> {
  const lab = await startLab({ count: 1, debian }, t.log);
  const [host] = lab.hosts;
  if (host === undefined) throw new Error('a lab of one has a host');
  const { exitCode, stderr } = await inside(host, SURROUNDINGS);
  if (exitCode !== 0) throw new Error(`${host.name}: ${stderr}`);

  const { identity, knownHosts } = lab.paths;
  const target = (ssh: Target['ssh']): Target => ({
    name: host.name,
    address: host.address,
    // The lab's known_hosts names port 22 only; what answers at another is recorded beside it.
    ssh: {
      identityFile: identity,
      knownHosts: ssh.port === undefined ? knownHosts : `${knownHosts}.${ssh.port}`,
      hostKeys: 'accept-new',
      ...ssh,
    },
  });
  return { lab, host, target };
}

test.after.always('no lab is left', async () => {
  const labs = await Promise.allSettled(places.values());
  for (const one of labs) if (one.status === 'fulfilled') await labDown(one.value.lab.name);
});

const password = async () => new Secret(PASSWORD);
const ROOTS: readonly (readonly [what: string, ssh: Target['ssh'], asks: readonly string[]])[] = [
  ['root itself', { user: 'root' }, []],
  ['sudo from fish', { user: 'ufish' }, []],
  ['sudo from zsh', { user: 'uzsh' }, []],
  ['doas from tcsh', { user: 'utcsh', become: 'doas' }, []],
  [
    'sudo with a password from bash',
    { user: 'ubash', becomePassword: 'ask' },
    ['sudo password of ubash'],
  ],
  [
    'sudo that does not ask for the password it is given',
    { user: 'uzsh', becomePassword: 'ask' },
    ['sudo password of uzsh'],
  ],
];

const debians: readonly Debian[] = ['bullseye', 'bookworm', 'trixie'];
for (const debian of debians) {
  for (const [what, ssh, asks] of ROOTS) {
    test.serial(`${debian}: run() is root in a clean place by ${what}`, async (t) => {
      const { target } = await placeOf(t, debian);
      const asked: string[] = [];
      const host = await connected(t, target(ssh), {
        ask: (question) => {
          asked.push(question);
          return password();
        },
      });
      const result = await host.run(WHERE);
      t.deepEqual(
        { ...result, stdout: result.stdout.split('\n') },
        {
          exitCode: 0,
          stdout: ['0', '0022', 'C none none none', PATH, ''],
          stderr: 'fine\n',
        },
      );
      t.deepEqual(asked, asks);
    });

    test.serial(`${debian}: run() loses no byte by ${what}`, async (t) => {
      const { target } = await placeOf(t, debian);
      const host = await connected(t, target(ssh), { ask: password });
      const bytes = randomBytes(3_000_001);
      const sum = `${createHash('sha256').update(bytes).digest('hex')}  -\n`;
      const long = sh`: ${'ü'.repeat(100_000)}
sha256sum; exit 9`;
      const results = await Promise.all([
        host.run(sh`sha256sum; exit 9`, { input: bytes }),
        host.run(sh`sha256sum; exit 9`, { input: Readable.from([bytes], { objectMode: false }) }),
        host.run(long, { input: bytes }),
      ]);
      const expected = { exitCode: 9, stdout: sum, stderr: '' };
      t.deepEqual(results, [expected, expected, expected]);

      const { stdout } = await host.run(sh`head -c 3000001 /dev/zero | tr '\\0' x`);
      t.true(stdout === 'x'.repeat(3_000_001));
    });
  }
}

test.serial('run() shows a sudo password to nobody on the host', async (t) => {
  const { target } = await placeOf(t, 'bookworm');
  const host = await connected(t, target({ user: 'ubash', becomePassword: 'ask' }), {
    ask: password,
  });
  const { stdout } = await host.run(
    sh`ps -eo args; cat /proc/[0-9]*/environ; env; set; journalctl`,
  );
  t.true(stdout.includes('sudo -S'));
  t.false(stdout.includes(PASSWORD));
});

test.serial('run() tries a wrong sudo password once, so that no account is locked', async (t) => {
  const { host, target } = await placeOf(t, 'bookworm');
  await inside(host, sh`journalctl --rotate --vacuum-time=1s`);
  const outcome = await connected(t, target({ user: 'ubash', becomePassword: 'ask' }), {
    ask: async () => new Secret('wrong'),
  });
  const failures = await Promise.all(
    [1, 2, 3].map(() => t.throwsAsync(outcome.run(sh`id`), { instanceOf: Failure })),
  );
  for (const failure of failures) {
    t.like(failure, {
      reason: 'unreachable',
      message: `${host.name}: ubash cannot become root by sudo: sudo: 1 incorrect password attempt`,
    });
  }
  const { stdout } = await inside(
    host,
    sh`journalctl -q --grep 'pam_unix.sudo:auth.: auth.* failure'`,
  );
  t.is(stdout.trim().split('\n').length, 1, stdout);
});

const NEXT = (name: string, user: string) =>
  `on ${name}, as root: printf '%s\\n' '${user} ALL=(root) NOPASSWD: /bin/sh' 'Defaults:${user} !requiretty' > /etc/sudoers.d/provision && chmod 440 /etc/sudoers.d/provision; or give ssh.becomePassword in the inventory`;

const CANNOT: readonly (readonly [user: string, why: string])[] = [
  ['unone', 'sudo: a password is required'],
  ['ubash', 'sudo: a password is required'],
  ['utty', 'sudo: sorry, you must have a tty to run sudo'],
];
for (const [user, why] of CANNOT) {
  test.serial(`run() says what sudo wants of ${user}, and following it helps`, async (t) => {
    const { host, target } = await placeOf(t, 'bookworm');
    const ssh = user === 'unone' ? ({ password: 'ask' } as const) : {};
    const reached = await connected(t, target({ user, ...ssh }), { ask: password });
    const failure = await t.throwsAsync(reached.run(sh`id -u`), { instanceOf: Failure });
    t.like(spoken(failure), {
      reason: 'unreachable',
      message: `${host.name}: ${user} cannot become root by sudo: ${why}`,
      next: NEXT(host.name, user),
    });

    const remedy = /as root: (.*);/.exec(nextText(failure?.next ?? []))?.[1] ?? '';
    await inside(host, sh`sh -c ${remedy}`);
    const again = await connected(t, target({ user, ...ssh }), { ask: password });
    t.is((await again.run(sh`id -u`)).stdout, '0\n');
    await inside(host, sh`rm /etc/sudoers.d/provision`);
  });
}

test.serial('run() says what doas wants, and following it helps', async (t) => {
  const { host, target } = await placeOf(t, 'bookworm');
  const ssh = { user: 'uzsh', become: 'doas' } as const;
  const reached = await connected(t, target(ssh));
  const failure = await t.throwsAsync(reached.run(sh`id -u`), { instanceOf: Failure });
  t.like(spoken(failure), {
    message: `${host.name}: uzsh cannot become root by doas: doas: Operation not permitted`,
    next: `on ${host.name}, as root: echo 'permit nopass uzsh as root cmd /bin/sh' >> /etc/doas.conf`,
  });
  await inside(host, sh`sh -c ${/as root: (.*)/.exec(nextText(failure?.next ?? []))?.[1] ?? ''}`);
  t.is((await (await connected(t, target(ssh))).run(sh`id -u`)).stdout, '0\n');
});

test.serial('run() says that an account may not log in', async (t) => {
  const { host, target } = await placeOf(t, 'bookworm');
  const reached = await connected(t, target({ user: 'ugone' }));
  const failure = await t.throwsAsync(reached.run(sh`id`), { instanceOf: Failure });
  t.is(
    failure?.message,
    `${host.name}: the login shell ended with exit code 1 before our command began: This account is currently not available.`,
  );
});

for (const [way, port] of [
  ['a password', 22],
  ['keyboard-interactive questions', 2200],
] as const) {
  test.serial(`connectAll() logs in by ${way}`, async (t) => {
    const { target } = await placeOf(t, 'bookworm');
    const { identityFile, ...ssh } = target({ user: 'unone', port, become: 'none' }).ssh;
    t.truthy(identityFile);
    const asked: string[] = [];
    const reached = await connected(
      t,
      { ...target({}), ssh: { ...ssh, password: 'ask' } },
      {
        ask: (question) => {
          asked.push(question);
          return password();
        },
      },
    );
    t.is((await reached.run(sh`id -un`)).stdout, 'unone\n');
    t.deepEqual(asked, ['password of unone']);
  });
}

test.serial('connectAll() shows what the server says to whom it refuses', async (t) => {
  const { host, target } = await placeOf(t, 'bookworm');
  await inside(host, sh`echo 'System is booting up. See pam_nologin(8).' > /run/nologin`);
  const failure = await refused(t, target({ user: 'ubash' }));
  await inside(host, sh`rm /run/nologin`);
  t.is(failure.reason, 'unreachable');
  t.true(failure.message.endsWith('System is booting up. See pam_nologin(8).'), failure.message);
});

test.serial('run() needs no more than one session', async (t) => {
  const { target } = await placeOf(t, 'bookworm');
  const reached = await connected(t, target({ user: 'ufish', port: 2201 }));
  const said = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) => reached.run(sh`sleep .2; echo ${number}`)),
  );
  t.deepEqual(
    said.map(({ stdout }) => stdout),
    ['1\n', '2\n', '3\n', '4\n', '5\n', '6\n'],
  );
});

test.serial('writeFiles() needs no SFTP', async (t) => {
  const { host, target } = await placeOf(t, 'bookworm');
  const reached = await connected(t, target({ user: 'ufish' }));
  const path = '/etc/provision-test.conf';
  await writeFiles(reached, [{ path, content: 'ü\n', mode: 0o640, owner: 'root:daemon' }]);
  const { stdout } = await inside(host, sh`stat -c '%a %U:%G' ${path}; cat ${path}`);
  t.is(stdout, '640 root:daemon\nü\n');
});
