import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { rememberedSum } from '../../src/binaries/local-sum.ts';
import { sha256, temporary } from './sample.ts';

const ELSEWHERE = 'f'.repeat(64);

test('rememberedSum() computes what sha256sum does', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  writeFileSync(path, 'one\n');
  t.is(await rememberedSum(path, join(directory, 'cache')), sha256(path));
});

test('rememberedSum() gives the remembered sum while size, times and inode stay', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  const notes = join(directory, 'cache', 'sums');
  writeFileSync(path, 'one\n');
  // What is younger than two seconds is not remembered, because it might change within the same tick.
  await setTimeout(2100);
  const honest = await rememberedSum(path, join(directory, 'cache'));
  const [note = ''] = readdirSync(notes);
  // Only a sum that is really taken from the note shows this.
  writeFileSync(
    join(notes, note),
    readFileSync(join(notes, note), 'utf8').replace(honest, ELSEWHERE),
  );
  t.is(await rememberedSum(path, join(directory, 'cache')), ELSEWHERE);

  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'two\n');
  utimesSync(path, atime, mtime);
  t.is(await rememberedSum(path, join(directory, 'cache')), sha256(path));
});

test('rememberedSum() does not remember a file that has just changed', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  writeFileSync(path, 'one\n');
  await rememberedSum(path, join(directory, 'cache'));
  t.deepEqual(readdirSync(directory), ['etcd']);
});

test('rememberedSum() works where nothing can be remembered', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  writeFileSync(path, 'one\n');
  await setTimeout(2100);
  // A file where the directory should be: not even root can make it.
  t.is(await rememberedSum(path, path), sha256(path));
});
