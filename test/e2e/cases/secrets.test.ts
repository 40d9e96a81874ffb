import { randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { must, run } from '../../../src/lab/local-command.ts';
import { lines, sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { type Ended, startOperator, stateDirectory } from '../lab/operator.ts';
import { type Place, place } from '../lab/place.ts';
import { watchProcesses } from '../lab/processes.ts';

const lab = useLab({ count: 2 });

const marker = (what: string) => `mark-${what}-${randomBytes(9).toString('hex')}`;
const SECRETS = {
  sudo: marker('sudo'),
  wrongSudo: marker('wrong'),
  passphrase: marker('ssh'),
  wrongPassphrase: marker('other'),
  ca: marker('ca'),
};
const began = Date.now();

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

/** An inventory whose login, key and CA all need something secret: descriptors 3, 4 and 5. */
async function guarded(): Promise<Place> {
  const { identity } = lab.current.paths;
  const here = await place(lab.current, {
    edit: (text) =>
      text
        .replace(
          'user: root',
          'user: deployer\n  become: sudo\n  becomePassword: fd:3\n  passphrase: fd:4',
        )
        .replace(/identityFile: .*/, 'identityFile: id')
        .replace(/store: .*/, 'store: secrets.pki'),
    hooks: { 'before-up': '#!/bin/sh\nenv\n' },
  });
  const key = join(here.directory, 'id');
  await copyFile(identity, key);
  await must('lock the key', 'ssh-keygen', [
    '-q',
    '-p',
    '-P',
    '',
    '-N',
    SECRETS.passphrase,
    '-f',
    key,
  ]);
  for (const host of lab.current.hosts) {
    const { exitCode, stderr } = await inside(
      host,
      lines([
        sh`set -e
id deployer 2>/dev/null || useradd --create-home --shell /bin/sh deployer
mkdir -p /home/deployer/.ssh; cp /root/.ssh/authorized_keys /home/deployer/.ssh/; chown -R deployer /home/deployer/.ssh
echo 'deployer ALL=(ALL) ALL' > /etc/sudoers.d/deployer
chpasswd`,
      ]),
      { input: `deployer:${SECRETS.sudo}\n` },
    );
    if (exitCode !== 0) throw new Error(stderr);
  }
  return here;
}

const all: string[] = [];

async function ended(args: readonly string[], descriptors: readonly string[]): Promise<Ended> {
  const operator = await startOperator(args, { state, descriptors });
  const end = await operator.ended;
  all.push(operator.said());
  return end;
}

/** The lines of every private key in the store. */
async function keyLines(store: string): Promise<readonly string[]> {
  const files = (await readdir(store, { recursive: true })).filter((file) => file.endsWith('.key'));
  const texts = await Promise.all(files.map((file) => readFile(join(store, file), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.length > 40 && !line.startsWith('-----'));
}

/** The files under the places that hold one of the words. */
async function holding(
  places: readonly string[],
  words: readonly string[],
): Promise<readonly string[]> {
  const args = ['-rlsaF', '--devices=skip', '-f', '-', '--', ...places];
  const { stdout } = await run('grep', args, { input: words.join('\n'), deadline: 120 });
  return stdout.split('\n').filter((file) => file !== '');
}

async function holdingInside(host: LabHost, words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await inside(
    host,
    sh`timeout 100 grep -rlsaF --devices=skip -f - /etc /opt /var /root /home /run /tmp /dev/shm /srv`,
    { input: words.join('\n'), deadline: 120 },
  );
  return stdout.split('\n').filter((file) => file !== '');
}

test.serial(
  'nothing secret shows up anywhere while certificates are made, brought and rotated',
  async (t) => {
    const here = await guarded();
    const store = join(here.directory, 'secrets.pki');
    const descriptors = [SECRETS.sudo, SECRETS.passphrase, SECRETS.ca];
    const from = ['--passphrase-from', 'fd:5'];

    const watched = watchProcesses();
    const made = await ended(
      ['certs', 'init-ca', here.inventory, '--encrypt', ...from],
      ['', '', SECRETS.ca],
    );
    t.is(made.exitCode, 0, made.stderr);
    const up = await ended(['up', here.inventory, '--yes', ...from], descriptors);
    t.is(up.exitCode, 0, up.stderr);
    const keys = await keyLines(store);
    const rotated = await ended(['certs', 'rotate', here.inventory, '--yes', ...from], descriptors);
    t.is(rotated.exitCode, 0, rotated.stderr);

    const wrongSudo = await ended(
      ['status', here.inventory],
      [SECRETS.wrongSudo, SECRETS.passphrase],
    );
    t.not(wrongSudo.exitCode, 0);
    const wrongKey = await ended(
      ['status', here.inventory],
      [SECRETS.sudo, SECRETS.wrongPassphrase],
    );
    t.not(wrongKey.exitCode, 0);
    const wrongCa = await ended(
      ['certs', 'rotate', here.inventory, '--yes', ...from],
      [SECRETS.sudo, SECRETS.passphrase, SECRETS.wrongSudo],
    );
    t.not(wrongCa.exitCode, 0);
    const history = await ended(['history', here.inventory], descriptors);
    t.is(history.exitCode, 0, history.stderr);
    const processes = await watched.end();

    const words = [...Object.values(SECRETS), ...keys, ...(await keyLines(store))];
    t.true(keys.length > 10 && processes.length > 100);
    const tells = (text: string) => words.filter((word) => text.includes(word));
    t.deepEqual(
      processes.filter((text) => tells(text).length > 0),
      [],
      'argv and environment',
    );
    t.deepEqual(
      all.filter((text) => tells(text).length > 0),
      [],
      'what was printed',
    );
    t.deepEqual(await holding([state], words), [], 'logs and history');
    t.true((await readdir(join(state, 'provision', 'logs'))).length >= 6);

    const temporary = (await readdir(tmpdir())).map((name) => join(tmpdir(), name));
    const fresh: string[] = [];
    for (const path of temporary) {
      // Other programs tidy up meanwhile.
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.mtimeMs >= began && path !== here.directory)
        fresh.push(path);
    }
    t.deepEqual(
      await holding(
        fresh.filter((path) => !path.includes('provision-place')),
        words,
      ),
      [],
      'temporary files',
    );
    const beside = (await holding([here.directory], words)).filter(
      (file) => !file.startsWith(`${store}/`),
    );
    t.deepEqual(beside, [], 'beside the inventory');

    for (const host of lab.current.hosts) {
      const files = await holdingInside(host, words);
      t.deepEqual(
        files.filter((file) => !/^\/etc\/etcd\/pki\.[0-9a-f]+\/[a-z-]+\.key$/.test(file)),
        [],
        host.name,
      );
      t.true(files.length > 0, 'the keys themselves');
      const { stdout } = await inside(host, sh`stat -c '%a %U' ${files}`);
      t.deepEqual([...new Set(stdout.trim().split('\n'))], ['600 etcd']);
    }
  },
);

test.serial('nothing that is kept can be read by others', async (t) => {
  const { stdout } = await run('find', [join(state, 'provision'), '-perm', '/077']);
  t.is(stdout, '');
});
