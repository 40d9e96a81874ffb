import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { Secret } from '../../src/shell/secret.ts';
import { authMethods } from '../../src/ssh/auth-methods.ts';
import type { Hop } from '../../src/ssh/hop.ts';
import { secrets } from '../../src/ssh/secrets.ts';
import { unlocking } from '../../src/ssh/unlock.ts';
import { spoken } from '../spoken.ts';
import { directoryFor } from './directory.ts';
import { newKey } from './sshd.ts';

const hop = (more: Partial<Hop>): Hop => ({
  name: 'etcd01',
  host: '10.0.0.1',
  port: 22,
  user: 'ops',
  via: undefined,
  identityFiles: [],
  named: false,
  identitiesOnly: false,
  passphrase: undefined,
  password: undefined,
  hostKeys: 'strict',
  hostKey: undefined,
  knownHosts: [],
  ...more,
});

function means(asked: string[] = []) {
  const purse = secrets(async (question) => {
    asked.push(question);
    return new Secret(`answer ${asked.length}`);
  });
  return { agent: undefined, secrets: purse, unlock: unlocking(purse) };
}

function keys(t: ExecutionContext) {
  const directory = directoryFor(t);
  const plain = join(directory, 'plain');
  const locked = join(directory, 'locked');
  newKey(plain);
  newKey(locked, 'ed25519', 'answer 1');
  return { plain, locked };
}

const labels = async (one: Hop, asked: string[]) =>
  (await authMethods(one, means(asked))).map(({ label }) => label);

test('authMethods() asks for no passphrase of an unnamed key while another will do', async (t) => {
  const { plain, locked } = keys(t);
  const asked: string[] = [];
  t.deepEqual(await labels(hop({ identityFiles: [plain, locked] }), asked), [plain]);
  t.deepEqual(asked, []);
});

test('authMethods() asks for the passphrase of a key that is named, or the only one', async (t) => {
  const { plain, locked } = keys(t);
  const asked: string[] = [];
  const named = hop({ identityFiles: [plain, locked], named: true });
  t.deepEqual(await labels(named, asked), [plain, locked]);
  t.deepEqual(asked, [`passphrase of ${locked}`]);

  const only: string[] = [];
  t.deepEqual(await labels(hop({ identityFiles: [locked] }), only), [locked]);
  t.deepEqual(only, [`passphrase of ${locked}`]);
});

test('authMethods() tries the password last, and answers hidden questions with it', async (t) => {
  const { plain } = keys(t);
  const asked: string[] = [];
  const ways = await authMethods(hop({ identityFiles: [plain], password: 'ask' }), means(asked));
  t.deepEqual(
    ways.map(({ method }) => method.type),
    ['publickey', 'password', 'keyboard-interactive'],
  );

  const method = ways[2]?.method;
  if (method?.type !== 'keyboard-interactive') throw new Error('another way');
  const answers = await new Promise((resolve) => {
    method.prompt(
      '',
      '',
      '',
      [
        { prompt: 'Mot de passe : ', echo: false },
        { prompt: 'Verification code:\u001b[2J ', echo: false },
        { prompt: 'Option (1-3): ', echo: true },
      ],
      resolve,
    );
  });
  t.deepEqual(answers, ['answer 1', 'answer 2', 'answer 3']);
  t.deepEqual(asked, [
    'password of ops',
    '10.0.0.1: Verification code: ',
    '10.0.0.1: Option (1-3): ',
  ]);
});

test('authMethods() fails where there is no way', async (t) => {
  const failure = await t.throwsAsync(
    authMethods(hop({ identityFiles: ['/nonexistent/id'] }), means()),
    { instanceOf: Failure },
  );
  t.like(spoken(failure), {
    reason: 'usage',
    message: 'etcd01: no key to log in with as ops: none at /nonexistent/id, and no ssh-agent runs',
    next: 'ssh-add, or name a private key as ssh.identityFile in the inventory',
  });
});
