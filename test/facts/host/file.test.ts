import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { pkiFact } from '../../../src/facts/host/file.ts';
import { localHost } from '../../host/local-host.ts';

const look = async (link: string) => (await askAll(localHost('here'), { pki: pkiFact(link) })).pki;

test('pkiFact: gives link, mode and sum of every file, also behind odd names and links', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const directory = join(place, 'pki.one');
  await mkdir(join(directory, 'inner'), { recursive: true });
  await writeFile(join(directory, '-server.crt'), 'certificate');
  await writeFile(join(directory, 'a b.key'), '');
  await chmod(join(directory, '-server.crt'), 0o644);
  await chmod(join(directory, 'a b.key'), 0o600);
  await symlink('-server.crt', join(directory, 'ca.crt'));
  await symlink('nowhere', join(directory, 'dangling'));
  await symlink('pki.one', join(place, 'pki'));

  const { target, files } = await look(join(place, 'pki'));

  t.is(target, 'pki.one');
  const { username } = userInfo();
  const sum = (text: string) => createHash('sha256').update(text).digest('hex');
  t.deepEqual(
    [...files].map(([name, { mode, owner, sha256 }]) => [name, mode, owner.split(':')[0], sha256]),
    [
      ['-server.crt', 0o644, username, sum('certificate')],
      ['a b.key', 0o600, username, sum('')],
      ['ca.crt', 0o644, username, sum('certificate')],
    ],
  );
});

test('pkiFact: finds nothing where there is nothing, or only an empty directory', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'facts-'));
  t.teardown(() => rm(place, { recursive: true }));

  t.deepEqual(await look(join(place, 'pki')), { target: undefined, files: new Map() });
  t.deepEqual(await look(place), { target: undefined, files: new Map() });
});
