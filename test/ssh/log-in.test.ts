import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { sh } from '../../src/shell/command.ts';
import { Secret } from '../../src/shell/secret.ts';
import { connectAll } from '../../src/ssh/connect.ts';
import { spoken } from '../spoken.ts';
import { connected, refused, sshdFor } from './connected.ts';
import { directoryFor } from './directory.ts';
import { newKey, type Sshd } from './sshd.ts';

const { username } = userInfo();
// The user of the tests may have an agent; none of its keys shall be asked.
delete process.env.SSH_AUTH_SOCK;

function authorize(sshd: Sshd, file: string): void {
  const key = readFileSync(`${file}.pub`, 'utf8');
  appendFileSync(join(sshd.directory, 'authorized_keys'), key);
}

async function agentWith(t: ExecutionContext, files: readonly string[]): Promise<string> {
  const socket = join(directoryFor(t), 'agent');
  // It lives as long as its command, and cat as long as this process.
  const agent = spawn('ssh-agent', ['-a', socket, 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
  t.teardown(async () => {
    agent.stdin.end();
    if (agent.exitCode === null) await once(agent, 'exit');
  });
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  // Its exit code is 2 until the agent answers.
  for (let tries = 0; tries < 200 && spawnSync('ssh-add', ['-l'], { env }).status === 2; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  for (const file of files) execFileSync('ssh-add', ['-q', file], { env });
  return socket;
}

test('connectAll() asks for the passphrase of a key once for all hosts', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(sshd.directory, 'locked');
  newKey(file, 'ed25519', 'correct horse');
  authorize(sshd, file);
  const asked: string[] = [];
  const answers = ['wrong', 'correct horse'];
  const hosts = await connectAll(
    [1, 2, 3].map(() => sshd.target({ identityFile: file })),
    {
      concurrency: 3,
      ask: async (question) => {
        asked.push(question);
        return new Secret(answers[asked.length - 1] ?? '');
      },
    },
  );
  for (const host of hosts) if (!(host instanceof Failure)) t.teardown(() => host.close());

  t.deepEqual(
    hosts.map((host) => host.name),
    ['etcd01', 'etcd01', 'etcd01'],
  );
  t.deepEqual(asked, [`passphrase of ${file}`, `passphrase of ${file} (try 2 of 3)`]);
});

test('connectAll() takes the passphrase from the environment', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(sshd.directory, 'locked');
  newKey(file, 'ed25519', 'correct horse');
  authorize(sshd, file);
  process.env.PROVISION_TEST_RIGHT = 'correct horse';
  process.env.PROVISION_TEST_WRONG = 'another horse';
  const target = (variable: string) =>
    sshd.target({ identityFile: file, passphrase: `env:${variable}` });
  await t.notThrowsAsync(connected(t, target('PROVISION_TEST_RIGHT')));
  const failure = await refused(t, target('PROVISION_TEST_WRONG'));
  t.is(failure.message, `the passphrase does not open the key ${file}`);
});

test('connectAll() says that a key is encrypted where nobody can be asked', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(sshd.directory, 'locked');
  newKey(file, 'ed25519', 'correct horse');
  t.like(spoken(await refused(t, sshd.target({ identityFile: file }))), {
    reason: 'usage',
    message: `the key ${file} is encrypted, and there is no terminal to ask at`,
    next: `ssh-add ${file}, or give ssh.passphrase in the inventory`,
  });
});

test.serial('connectAll() uses the one key of an agent that the inventory names', async (t) => {
  // With two attempts allowed, an agent that offers all its keys would be thrown out.
  const sshd = await sshdFor(t, { config: ['MaxAuthTries 2'] });
  const files = [1, 2, 3, 4].map((number) => join(sshd.directory, `id${number}`));
  for (const file of files) newKey(file);
  const named = files[3] ?? '';
  authorize(sshd, named);
  process.env.SSH_AUTH_SOCK = await agentWith(t, files);
  try {
    // The public half alone is at hand here; only the agent has the private one.
    const host = await connected(t, sshd.target({ identityFile: `${named}.pub` }));
    t.is((await host.run(sh`echo in`)).stdout, 'in\n');
  } finally {
    delete process.env.SSH_AUTH_SOCK;
  }
});

test.serial('connectAll() is not stopped by an agent that died', async (t) => {
  const sshd = await sshdFor(t);
  process.env.SSH_AUTH_SOCK = join(sshd.directory, 'nobody');
  try {
    await t.notThrowsAsync(connected(t, sshd.target()));
  } finally {
    delete process.env.SSH_AUTH_SOCK;
  }
});

test('connectAll() says what was tried and what the server takes', async (t) => {
  const sshd = await sshdFor(t, {
    config: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
  });
  const file = join(sshd.directory, 'stranger');
  newKey(file);
  t.like(spoken(await refused(t, sshd.target({ identityFile: file }))), {
    reason: 'unreachable',
    message: `etcd01: ${username} was not let into 127.0.0.1 port ${sshd.port} (tried: ${file}; taken there: publickey)`,
    next: `see what ssh says: ssh -v -p ${sshd.port} ${username}@127.0.0.1 true`,
  });
});

test('connectAll() says that a key is not there', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(sshd.directory, 'missing');
  t.is(
    (await refused(t, sshd.target({ identityFile: file }))).message,
    `etcd01: no key to log in with as ${username}: none at ${file}, and no ssh-agent runs`,
  );
});

test.serial('connectAll() goes through two keys where the server wants two', async (t) => {
  const config = ['AuthenticationMethods publickey,publickey'];
  const sshd = await sshdFor(t, { config });
  const second = join(sshd.directory, 'second');
  newKey(second);
  authorize(sshd, second);
  process.env.SSH_AUTH_SOCK = await agentWith(t, [sshd.identityFile, second]);
  try {
    const target = sshd.target();
    const { identityFile, ...ssh } = target.ssh;
    t.is(identityFile, sshd.identityFile);
    await t.notThrowsAsync(connected(t, { ...target, ssh }));
  } finally {
    delete process.env.SSH_AUTH_SOCK;
  }
});
