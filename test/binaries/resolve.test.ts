import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import test from 'ava';
import { resolveBinaries } from '../../src/binaries/resolve.ts';
import { Failure } from '../../src/failure/failure.ts';
import { etcdPaths } from '../../src/lab/etcd.ts';
import { nextText } from '../../src/problem/render.ts';
import { program, releaseTree, sha256, tar, temporary } from './sample.ts';

const VERSION = '3.4.23';

test('resolveBinaries() has nothing to bring where the hosts have etcd installed', async (t) => {
  const source = { installed: '/usr/bin' };
  t.deepEqual(await resolveBinaries({ version: VERSION, source }, '/nowhere'), []);
});

test('resolveBinaries() finds an archive beside the inventory, and needs it once', async (t) => {
  const directory = temporary(t);
  const cache = join(directory, 'cache');
  const top = releaseTree(directory, VERSION, ['etcd', 'etcdctl']);
  const archive = tar(join(directory, 'etcd.tgz'), '-C', directory, `etcd-v${VERSION}-linux-amd64`);
  const source = { archive: './etcd.tgz', sha256: sha256(archive) };
  const unpacked = join(cache, 'etcd', `${VERSION}-archive-${source.sha256.slice(0, 16)}`);

  const first = await resolveBinaries({ version: VERSION, source }, directory, { cache });
  rmSync(archive);
  const second = await resolveBinaries({ version: VERSION, source }, directory, { cache });
  t.deepEqual(
    first,
    (['etcd', 'etcdctl'] as const).map((name) => ({
      name,
      path: join(unpacked, name),
      size: 4096,
      architecture: 'amd64',
      sha256: sha256(join(top, name)),
    })),
  );
  t.deepEqual(second, first);
});

test('resolveBinaries() refuses an archive with another hash, naming both', async (t) => {
  const directory = temporary(t);
  const archive = join(directory, 'etcd.tgz');
  writeFileSync(archive, 'something else');
  const source = { archive, sha256: 'ab'.repeat(32) };
  const failure = await t.throwsAsync(
    resolveBinaries({ version: VERSION, source }, directory, { cache: join(directory, 'cache') }),
    { instanceOf: Failure },
  );
  t.is(failure.reason, 'refused');
  t.is(
    failure.message,
    `${archive} has sha256 ${sha256(archive)}, and the inventory says ${source.sha256}`,
  );
});

test('resolveBinaries() says that an archive is missing', async (t) => {
  const directory = temporary(t);
  const source = { archive: 'missing.tgz', sha256: 'ab'.repeat(32) };
  const failure = await t.throwsAsync(
    resolveBinaries({ version: VERSION, source }, directory, { cache: directory }),
    { instanceOf: Failure },
  );
  t.is(failure.message, `${join(directory, 'missing.tgz')} cannot be read (ENOENT)`);
  t.is(nextText(failure.next ?? []), 'correct etcd.source.archive in the inventory');
});

test('resolveBinaries() takes programs from a directory; ~ is home', async (t) => {
  const directory = temporary(t);
  const programs = join(directory, 'programs');
  mkdirSync(programs);
  for (const name of ['etcd', 'etcdctl']) writeFileSync(join(programs, name), program());
  const expected = (['etcd', 'etcdctl'] as const).map((name) => ({
    name,
    path: join(programs, name),
    size: 4096,
    architecture: 'amd64',
    sha256: sha256(join(programs, name)),
  }));
  for (const path of ['programs', programs, `~/${relative(homedir(), programs)}`]) {
    const source = { directory: path };
    t.deepEqual(
      await resolveBinaries({ version: VERSION, source }, directory, { cache: directory }),
      expected,
    );
  }
});

test('resolveBinaries() says which program a directory lacks', async (t) => {
  const directory = temporary(t);
  for (const name of ['etcd', 'etcdctl']) writeFileSync(join(directory, name), program());
  const failure = await t.throwsAsync(
    resolveBinaries({ version: '3.5.30', source: { directory } }, '/', { cache: directory }),
    { instanceOf: Failure },
  );
  t.is(
    failure.message,
    `etcd.source.directory: ${directory} has no etcdutl, and etcd.version 3.5.30 is to come from there`,
  );
});

// Only a lab has real programs at hand; elsewhere this is skipped.
const lab = etcdPaths('3.4.23').directory;
(existsSync(join(lab, 'etcd')) ? test : test.skip)(
  'resolveBinaries() refuses a directory with programs of another version',
  async (t) => {
    const source = { directory: lab };
    const cache = temporary(t);
    const failure = await t.throwsAsync(
      resolveBinaries({ version: '3.4.30', source }, '/', { cache }),
      { instanceOf: Failure },
    );
    t.is(failure.reason, 'usage');
    t.is(
      failure.message,
      `etcd.source.directory: ${join(lab, 'etcd')} is etcd 3.4.23, and etcd.version says 3.4.30`,
    );
    t.is((await resolveBinaries({ version: '3.4.23', source }, '/', { cache })).length, 2);
  },
);

test('resolveBinaries() refuses a wrapper script in place of a program', async (t) => {
  const directory = temporary(t);
  writeFileSync(join(directory, 'etcd'), '#!/bin/sh\nexec /usr/bin/etcd "$@"\n');
  writeFileSync(join(directory, 'etcdctl'), program());
  chmodSync(join(directory, 'etcd'), 0o755);
  const failure = await t.throwsAsync(
    resolveBinaries({ version: VERSION, source: { directory } }, '/', { cache: directory }),
    { instanceOf: Failure },
  );
  t.is(
    failure.message,
    `${join(directory, 'etcd')} is not a Linux program (no ELF header etcd is built with)`,
  );
});
