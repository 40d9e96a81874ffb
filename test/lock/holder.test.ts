import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import test from 'ava';
import { type Holder, isGone, readHolder, thisOperator } from '../../src/lock/holder.ts';
import { readLockState } from '../../src/lock/inspect.ts';

const holder: Holder = {
  id: 'aaaa',
  who: 'alice@north',
  pid: 11,
  command: 'up',
  since: '2026-11-21T10:00:00.000Z',
};

test('readHolder() reads what a holder wrote, and nothing else', (t) => {
  t.deepEqual(readHolder(JSON.stringify(holder)), holder);
  for (const line of ['', '{', 'null', '[]', '7', '{"id":"x"}', '{"id":7,"who":"a"}'])
    t.is(readHolder(line), undefined, line);
});

test('readHolder() takes out what a terminal would obey', (t) => {
  const wicked = { ...holder, who: 'alice\u001b[2J@north\n\u202e', command: 'u'.repeat(9999) };
  const read = readHolder(JSON.stringify(wicked));
  t.deepEqual(read, { ...holder, who: 'alice@north ', command: 'u'.repeat(200) });
});

test('readLockState() reads free, held and cut off', (t) => {
  const line = JSON.stringify(holder);
  t.deepEqual(readLockState('free\n100.00 \n'), {
    held: false,
    holder: undefined,
    strangers: [],
    silentFor: undefined,
  });
  t.deepEqual(readLockState(`held\n100.50 97.25\n${line}\n`), {
    held: true,
    holder,
    strangers: [],
    silentFor: 3.25,
  });
  t.deepEqual(readLockState(`free\n100.50 97.25\n${line}\n`), {
    held: false,
    holder,
    strangers: [],
    silentFor: undefined,
  });
});

test('isGone() knows the processes of this machine that have ended', async (t) => {
  const child = spawn('/bin/true');
  await once(child, 'exit');
  const mine = { ...holder, who: thisOperator() };
  t.true(isGone({ ...mine, pid: child.pid ?? 0 }));
  t.false(isGone({ ...mine, pid: process.pid }));
  t.false(isGone({ ...holder, pid: child.pid ?? 0 }), 'of another machine nothing is known');
  t.false(isGone({ ...mine, pid: Number.NaN }));
});

test('thisOperator() names the person behind sudo', (t) => {
  t.is(thisOperator({ SUDO_USER: 'alice' }), `alice@${hostname()}`);
});
