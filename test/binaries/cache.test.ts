import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { cacheHome, fillDirectory } from '../../src/binaries/cache.ts';
import { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';
import { temporary } from './sample.ts';

test('cacheHome() honours an absolute XDG_CACHE_HOME and no other', (t) => {
  t.is(cacheHome({ XDG_CACHE_HOME: '/var/cache/ci' }), '/var/cache/ci/provision');
  t.is(cacheHome({ XDG_CACHE_HOME: 'relative' }), join(homedir(), '.cache/provision'));
  t.is(cacheHome({}), join(homedir(), '.cache/provision'));
});

test('fillDirectory() leaves nothing behind when filling fails', async (t) => {
  const cache = temporary(t);
  const filling = fillDirectory(join(cache, 'a'), async (part) => {
    writeFileSync(join(part, 'etcd'), 'half');
    throw new Error('cut');
  });
  await t.throwsAsync(filling, { message: 'cut' });
  t.deepEqual(readdirSync(cache), []);
});

test('fillDirectory() keeps the first of two that fill the same directory', async (t) => {
  const cache = temporary(t);
  const directory = join(cache, 'a');
  await fillDirectory(directory, async (slow) => {
    writeFileSync(join(slow, 'etcd'), 'second');
    await fillDirectory(directory, async (quick) => writeFileSync(join(quick, 'etcd'), 'first'));
  });
  t.is(readFileSync(join(directory, 'etcd'), 'utf8'), 'first');
  t.deepEqual(readdirSync(cache), ['a']);
});

test('fillDirectory() removes what a killed run left a day ago, not what may be alive', async (t) => {
  const cache = temporary(t);
  const dead = join(cache, 'a.0123456789ab.part');
  const alive = join(cache, 'a.ba9876543210.part');
  mkdirSync(dead);
  mkdirSync(alive);
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(dead, twoDaysAgo, twoDaysAgo);
  await fillDirectory(join(cache, 'a'), async () => {});
  t.deepEqual([existsSync(dead), existsSync(alive)], [false, true]);
});

test('fillDirectory() says how to choose another cache where this one cannot be made', async (t) => {
  const file = join(temporary(t), 'file');
  writeFileSync(file, '');
  const failure = await t.throwsAsync(
    fillDirectory(join(file, 'a'), async () => {}),
    { instanceOf: Failure },
  );
  t.regex(failure.message, /cannot be made \(ENOTDIR\)$/);
  t.is(nextText(failure.next ?? []), 'set XDG_CACHE_HOME to a directory you can write to');
});
