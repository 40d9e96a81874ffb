import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { disksFact } from '../../../src/facts/host/disks.ts';
import { placesFact } from '../../../src/facts/host/place.ts';
import { localHost } from '../../host/local-host.ts';

const here = localHost('here');
const HEADER = '# provision: cluster prod, member etcd01\n';

test('placesFact() tells links, directories and files with their owner; nothing of what is missing', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-places-'));
  t.teardown(() => rm(place, { recursive: true }));
  const at = (name: string) => join(place, name);
  await mkdir(at('full/.hidden'), { recursive: true });
  await writeFile(at('full/b'), '');
  await symlink('nowhere', at('full/a'));
  await mkdir(at('empty'));
  await symlink('full', at('link'));
  await writeFile(at('ours'), `#!/bin/sh\n${HEADER}exit\n`);
  await writeFile(at('theirs'), `exit\n`);
  await writeFile(at('late'), `${'x'.repeat(600)}\n${HEADER}`);
  await writeFile(at('binary'), Buffer.from([0, 255, 10, 0, 1]));
  const names = ['full', 'empty', 'link', 'ours', 'theirs', 'late', 'binary', 'missing'];
  const { found } = await askAll(here, { found: placesFact(names.map(at)) });
  t.deepEqual(
    new Map([...found].map(([path, one]) => [path.slice(place.length + 1), one])),
    new Map<string, unknown>([
      ['full', { kind: 'directory', entries: ['.hidden', 'a', 'b'] }],
      ['empty', { kind: 'directory', entries: [] }],
      ['ours', { kind: 'file', header: { cluster: 'prod', member: 'etcd01' } }],
      ['theirs', { kind: 'file', header: undefined }],
      ['late', { kind: 'file', header: undefined }],
      ['binary', { kind: 'file', header: undefined }],
      ['link', { kind: 'link', target: 'full' }],
    ]),
  );
});

test('placesFact() tells the first fifty of a full directory', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-places-'));
  t.teardown(() => rm(place, { recursive: true }));
  const names = Array.from({ length: 60 }, (_, index) => `n${100 + index}`);
  for (const name of names) await writeFile(join(place, name), '');
  const { found } = await askAll(here, { found: placesFact([place]) });
  t.deepEqual(found.get(place), { kind: 'directory', entries: names.slice(0, 50) });
});

test('disksFact() tells of paths, there or not, on which file system they would be', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-disks-'));
  t.teardown(() => rm(place, { recursive: true }));
  const paths = [join(place, 'not/yet'), '/proc/self', place];
  const { found } = await askAll(here, { found: disksFact(paths) });
  t.deepEqual(
    found.map(({ path }) => path),
    paths,
  );
  const [later, proc, now] = found;
  t.is(later?.inodes, now?.inodes);
  t.true((now?.bytes ?? 0) > 0);
  t.is(proc?.bytes, 0);
  t.is(later?.fileSystem, now?.fileSystem);
  const { memory } = await askAll(here, { memory: disksFact(['/dev/shm/not/yet', '/proc']) });
  t.deepEqual(
    memory.map(({ isMemory }) => isMemory),
    [true, undefined],
  );
});
