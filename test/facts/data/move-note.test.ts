import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { moveNoteFact } from '../../../src/facts/data/move-note.ts';
import { askAll } from '../../../src/facts/fact.ts';
import { localHost } from '../../host/local-host.ts';
import { scratch } from '../../pki/workshop.ts';

const here = localHost('here');

test('moveNoteFact() tells whether one of both places is a copy of the other', async (t) => {
  const place = await scratch(t);
  const at = (path: string) => join(place, path);
  const note = `# provision: cluster prod, member etcd01\nfrom=${at('old/member')}\nto=${at('new/member')}\n`;
  const look = async () => (await askAll(here, { found: moveNoteFact(at('note')) })).found;
  t.is(await look(), undefined);
  await writeFile(at('note'), note);
  const plain = { from: at('old/member'), to: at('new/member'), content: note };
  t.deepEqual(await look(), plain);
  const log = async (directory: string, text: string) => {
    await mkdir(at(`${directory}/member/wal`), { recursive: true });
    await writeFile(at(`${directory}/member/wal/0-0.wal`), text);
  };
  const head = 'member 8e9e05c52164694d of cluster cdf818194e3a8c32'.padEnd(64, '.');
  await log('new', `${head} entries`);
  t.deepEqual(await look(), plain);
  await log('old', `${head} entries, and more`);
  t.deepEqual(await look(), { ...plain, isCopied: true });
  // Another cluster has been set up there since.
  await log('old', head.replace('8e9e', 'aaaa'));
  t.deepEqual(await look(), plain);
  await rm(at('note'));
  t.is(await look(), undefined);
});
