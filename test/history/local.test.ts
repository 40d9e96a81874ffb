import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readLocalHistory, rememberHere } from '../../src/history/local.ts';

const prod = { name: 'prod', addresses: ['10.0.0.1', '10.0.0.2'] };

test('readLocalHistory: says what stands in the place of the file, and how to go on', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-history-'));
  t.teardown(() => rm(directory, { recursive: true }));
  t.deepEqual(await readLocalHistory(prod, join(directory, 'none')), []);
  await t.throwsAsync(readLocalHistory(prod, directory), {
    name: 'Failure',
    message: `${directory}: is a directory; it should be a file, or missing`,
  });
});

test('readLocalHistory: leaves out the runs of another cluster of the same name', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-history-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const file = join(directory, 'history.jsonl');
  const entry = (id: string, hosts?: readonly string[]) => ({
    ...{ id, cluster: 'prod', at: '2026-11-21T10:00:00.000Z', who: 'me@here', command: 'up' },
    ...{ ...(hosts && { hosts: [...hosts] }), result: 'done' as const },
  });
  const former = entry('former');
  const own = entry('own', ['10.0.0.2', '10.0.0.9']);
  for (const one of [former, own, entry('other', ['10.9.0.1'])]) await rememberHere(one, file);
  t.deepEqual(await readLocalHistory(prod, file), [former, own]);
});
