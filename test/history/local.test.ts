import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readLocalHistory } from '../../src/history/local.ts';

test('readLocalHistory: says what stands in the place of the file, and how to go on', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-history-'));
  t.teardown(() => rm(directory, { recursive: true }));
  t.deepEqual(await readLocalHistory('prod', join(directory, 'none')), []);
  await t.throwsAsync(readLocalHistory('prod', directory), {
    name: 'Failure',
    message: `${directory}: this machine's history cannot be read: EISDIR: illegal operation on a directory, read`,
  });
});
