import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { Secret } from '../../src/shell/secret.ts';
import { secrets } from '../../src/ssh/secrets.ts';
import { spoken } from '../spoken.ts';
import { directoryFor } from './directory.ts';

test('secrets() asks once however many hosts need it, and one question at a time', async (t) => {
  const asked: string[] = [];
  const purse = secrets(async (question) => {
    asked.push(`${question}?`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    asked.push(`${question}!`);
    return new Secret(`answer to ${question}`);
  });
  const found = await Promise.all([
    purse.get('ask', 'a'),
    purse.get('ask', 'b'),
    purse.get('ask', 'a'),
  ]);

  t.deepEqual(asked, ['a?', 'a!', 'b?', 'b!']);
  t.deepEqual(
    found.map((secret) => secret.reveal()),
    ['answer to a', 'answer to b', 'answer to a'],
  );
});

test('secrets() goes on to the next question when one was not answered', async (t) => {
  const purse = secrets(async (question) => {
    if (question === 'a') throw new Error('Ctrl-C');
    return new Secret(question);
  });
  const [a, b] = await Promise.allSettled([purse.get('ask', 'a'), purse.get('ask', 'b')]);
  t.deepEqual([a.status, b.status], ['rejected', 'fulfilled']);
});

test('secrets() takes a secret out of the environment, and gives it to every run', async (t) => {
  process.env.PROVISION_TEST_SECRET = 'from the environment';
  const source = 'env:PROVISION_TEST_SECRET';
  const given = [await secrets().get(source, 'a'), await secrets().get(source, 'b')];
  t.deepEqual(
    given.map((secret) => secret.reveal()),
    ['from the environment', 'from the environment'],
  );
  t.false('PROVISION_TEST_SECRET' in process.env);
});

test('secrets() reads a file descriptor once for every run, without its last newline', async (t) => {
  const file = join(directoryFor(t), 'secret');
  writeFileSync(file, 'pass word \n');
  const descriptor = openSync(file, 'r');
  t.teardown(() => closeSync(descriptor));
  const twice = [
    await secrets().get(`fd:${descriptor}`, 'the password'),
    await secrets().get(`fd:${descriptor}`, 'something else'),
  ];
  t.deepEqual(
    twice.map((secret) => secret.reveal()),
    ['pass word ', 'pass word '],
  );
});

const NEXT =
  'set it to env:NAME or fd:NUMBER under ssh in the inventory, or run provision at a terminal';
const missing = test.macro(async (t, source: string, sentence: string) => {
  const failure = await t.throwsAsync(secrets().get(source, 'the password'), {
    instanceOf: Failure,
  });
  t.like(spoken(failure), { message: sentence, reason: 'usage', next: NEXT });
});

test(
  'secrets() fails when nobody can be asked',
  missing,
  'ask',
  'the password is needed, but there is no terminal to ask at',
);
test(
  'secrets() fails when the variable is not set',
  missing,
  'env:PROVISION_TEST_UNSET',
  'the password is needed, but the environment variable PROVISION_TEST_UNSET is not set',
);
test(
  'secrets() fails when the file descriptor is not open',
  missing,
  'fd:977',
  'the password is needed, but file descriptor 977 cannot be read',
);
