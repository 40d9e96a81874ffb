import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { logFilesFact } from '../../../src/facts/host/log-files.ts';
import { localHost } from '../../host/local-host.ts';

const here = localHost('here');
// Only root may become somebody else.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('logFilesFact: what keeps an account from appending', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  await chmod(place, 0o755);
  const at = (name: string) => join(place, name);
  for (const name of ['open', 'closed', 'shut/file', 'away/file']) {
    await mkdir(join(at(name), '..'), { recursive: true });
    await writeFile(at(name), '');
    await chmod(at(name), name === 'closed' ? 0o644 : 0o666);
  }
  await mkdir(at('directory'));
  await chmod(at('shut'), 0o700);
  await mkdir(at('logs'));
  await symlink(at('away/file'), at('logs/link'));
  await symlink(at('open'), at('near'));
  const names = ['open', 'closed', 'shut/file', 'directory', 'logs/link', 'near', 'missing'];
  const { found } = await askAll(here, { found: logFilesFact('nobody', names.map(at)) });
  t.deepEqual(
    found,
    new Map<string, unknown>([
      [at('closed'), { kind: 'barred', at: at('closed'), owner: 'root:root 644' }],
      [at('shut/file'), { kind: 'barred', at: at('shut'), owner: 'root:root 700' }],
      [at('directory'), { kind: 'notAFile' }],
      [at('logs/link'), { kind: 'link', realPath: at('away/file') }],
    ]),
  );
});

test('logFilesFact: asks nothing where there is none', async (t) => {
  const { found } = await askAll(here, { found: logFilesFact('nobody', []) });
  t.deepEqual(found, new Map());
});
