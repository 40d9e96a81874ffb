import test from 'ava';
import type { AuthMethod } from '../../src/ssh/auth-methods.ts';
import { login } from '../../src/ssh/login.ts';

const way = (type: 'agent' | 'publickey' | 'password' | 'keyboard-interactive'): AuthMethod => ({
  label: type,
  method: { username: 'ops', type, agent: '', key: '', password: '' } as AuthMethod['method'],
});
const WAYS = [way('agent'), way('publickey'), way('password')];

test('login() tries every way once, in order', (t) => {
  const next = login(WAYS);
  const all = ['publickey', 'password'] as const;
  t.deepEqual(
    [next(undefined, false), next(all, false), next(all, false), next(all, false)],
    [...WAYS, undefined],
  );
});

test('login() passes over what the server does not take', (t) => {
  const next = login(WAYS);
  t.deepEqual(
    [next(undefined, false), next(['password'], false), next(['password'], false)],
    [WAYS[0], WAYS[2], undefined],
  );
});

test('login() comes back to a way after another was the first step of two', (t) => {
  const next = login(WAYS.slice(1));
  t.deepEqual(
    [next(undefined, false), next(['password'], false), next(['publickey'], true)],
    [WAYS[1], WAYS[2], WAYS[1]],
  );
});

test('login() gives a wrong password but one chance', (t) => {
  const ways = [way('password'), way('keyboard-interactive')];
  const both = ['password', 'keyboard-interactive'] as const;
  const wrong = login(ways);
  t.deepEqual([wrong(undefined, false), wrong(both, false)], [ways[0], undefined]);
});

test('login() gives a password another chance where the first was none', (t) => {
  const ways = [way('password'), way('keyboard-interactive')];
  const notTaken = login(ways);
  t.deepEqual([notTaken(undefined, false), notTaken(['keyboard-interactive'], false)], ways);
  const firstOfTwo = login(ways);
  t.deepEqual([firstOfTwo(undefined, false), firstOfTwo(['keyboard-interactive'], true)], ways);
});
