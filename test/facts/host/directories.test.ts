import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { directoriesFact } from '../../../src/facts/host/directories.ts';
import { localHost } from '../../host/local-host.ts';

const here = localHost('here');

test('directoriesFact: owners of the directories that are there', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const { found } = await askAll(here, { found: directoriesFact([place, join(place, 'missing')]) });
  t.deepEqual([...found.keys()], [place]);
  t.regex(found.get(place) ?? '', new RegExp(`^${userInfo().username}:`));
});

test('directoriesFact: asks nothing where there is none', async (t) => {
  const { found } = await askAll(here, { found: directoriesFact([]) });
  t.deepEqual(found, new Map());
});
