import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type RemoteFile, writeFiles } from '../../src/host/write-files.ts';
import { sh } from '../../src/shell/command.ts';
import { Secret } from '../../src/shell/secret.ts';
import { localHost } from './local-host.ts';

const owner = execFileSync('sh', ['-c', 'echo "$(id -un):$(id -gn)"'], { encoding: 'utf8' }).trim();

async function placeFor(t: ExecutionContext): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'write-files-'));
  t.teardown(() => rm(place, { recursive: true }));
  return place;
}

const found = (place: string, names: readonly string[]) =>
  Promise.all(
    names.map(async (name) => {
      const path = join(place, name);
      return [name, (await stat(path)).mode & 0o7777, await readFile(path, 'latin1')];
    }),
  );

test('writeFiles: each file gets its own bytes and mode, also an empty one and odd names', async (t) => {
  const place = await placeFor(t);
  const at = (name: string, content: RemoteFile['content'], mode: number): RemoteFile => ({
    path: join(place, name),
    content,
    mode,
    owner,
  });
  await writeFile(join(place, 'old'), 'what was there');

  await writeFiles(localHost('here'), [
    at('old', 'new\n', 0o644),
    at("it's $HOME", Buffer.from([0, 255, 10, 0]), 0o640),
    at('empty', '', 0o644),
    at('key', new Secret('s3cret'), 0o600),
  ]);

  t.deepEqual((await readdir(place)).sort(), ['empty', "it's $HOME", 'key', 'old']);
  t.deepEqual(await found(place, ['old', "it's $HOME", 'empty', 'key']), [
    ['old', 0o644, 'new\n'],
    ["it's $HOME", 0o640, '\0\u00ff\n\0'],
    ['empty', 0o644, ''],
    ['key', 0o600, 's3cret'],
  ]);
});

test('writeFiles: replaces nothing when what is done before fails, and says what for', async (t) => {
  const place = await placeFor(t);
  const path = join(place, 'file');
  await writeFile(path, 'old');
  const around = { purpose: 'make it so', before: sh`echo no >&2; false`, after: sh`:` };

  await t.throwsAsync(
    writeFiles(localHost('here'), [{ path, content: 'new', mode: 0o600, owner }], around),
    { message: 'here: could not make it so: no' },
  );

  t.is(await readFile(path, 'utf8'), 'old');
});

test('writeFiles: replaces no file when one of them cannot arrive whole', async (t) => {
  const place = await placeFor(t);
  const host = localHost('here');
  const path = join(place, 'file');
  await writeFile(path, 'old');
  const short = {
    ...host,
    run: (command: Parameters<typeof host.run>[0], options = {}) =>
      host.run(command, { ...options, input: 'newbo' }),
  };
  const files = [
    { path, content: 'new', mode: 0o644, owner },
    { path: join(place, 'other'), content: 'body', mode: 0o644, owner },
  ];

  await t.throwsAsync(writeFiles(short, files), {
    message: `here: could not write ${path}, ${join(place, 'other')}: ${join(place, 'other')}: not what was sent (disk full?)`,
  });

  t.is(await readFile(path, 'utf8'), 'old');
});
