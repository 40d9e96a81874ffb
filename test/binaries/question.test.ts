import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Binary } from '../../src/binaries/binary.ts';
import { binaryQuestion, readBinaries } from '../../src/binaries/question.ts';
import { uploadBinary } from '../../src/binaries/upload.ts';
import { localHost } from '../host/local-host.ts';
import { program, sha256, temporary } from './sample.ts';

// An upload gives the file to root.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const NAMES = ['etcd', 'etcdctl', 'etcdutl'] as const;
const ELSEWHERE = 'f'.repeat(64);
const host = localHost('etcd01');

async function ask(directory: string) {
  const { exitCode, stdout, stderr } = await host.run(binaryQuestion(directory, NAMES));
  return { exitCode, stderr, found: readBinaries(stdout) };
}

test('binaryQuestion() finds nothing where there is no directory', async (t) => {
  t.deepEqual(await ask('/nowhere/at all'), { exitCode: 0, stderr: '', found: new Map() });
});

test('binaryQuestion() hashes programs that something else put there', async (t) => {
  const directory = join(temporary(t), "3.5.30 it's");
  mkdirSync(directory);
  writeFileSync(join(directory, 'etcd'), program());
  chmodSync(join(directory, 'etcd'), 0o700);
  const found = (await ask(directory)).found;
  t.deepEqual([...found.keys()], ['etcd']);
  t.is(found.get('etcd')?.sha256, sha256(join(directory, 'etcd')));
  t.is(found.get('etcd')?.mode, 0o700);
  t.deepEqual(readdirSync(directory), ['etcd']);
});

asRoot(
  'binaryQuestion() takes the remembered sum while the file is the uploaded one',
  async (t) => {
    const { directory } = await uploaded(t, 'etcd');
    const note = join(directory, '.etcd.sum');
    // Only an answer that really comes from the note shows this.
    writeFileSync(note, readFileSync(note, 'utf8').replace(/^\w+/, ELSEWHERE));
    t.deepEqual(await ask(directory), {
      exitCode: 0,
      stderr: '',
      found: new Map([['etcd', { sha256: ELSEWHERE, mode: 0o755, owner: 'root:root' }]]),
    });
  },
);

const hashesAgain = test.macro({
  title: (_, what: string) => `binaryQuestion() hashes again ${what}`,
  async exec(t, _what: string, change: (directory: string) => void) {
    const { directory } = await uploaded(t, 'etcd');
    change(directory);
    const found = (await ask(directory)).found;
    t.is(found.get('etcd')?.sha256, sha256(join(directory, 'etcd')));
  },
});

asRoot(hashesAgain, 'after a change of content that keeps the size', (directory) => {
  writeFileSync(join(directory, 'etcd'), program());
});
asRoot(hashesAgain, 'after the file was replaced', (directory) => {
  rmSync(join(directory, 'etcd'));
  writeFileSync(join(directory, 'etcd'), program());
});
asRoot(hashesAgain, 'where the note was cut short', (directory) => {
  writeFileSync(join(directory, '.etcd.sum'), ELSEWHERE);
});
asRoot(hashesAgain, 'where the note is empty', (directory) => {
  writeFileSync(join(directory, '.etcd.sum'), '');
});

async function uploaded(t: Parameters<typeof temporary>[0], name: Binary['name']) {
  const local = join(temporary(t), name);
  const directory = join(temporary(t), '3.5.30');
  writeFileSync(local, program());
  const binary = { name, path: local, sha256: sha256(local), size: 4096, architecture: 'amd64' };
  await uploadBinary(host, directory, { ...binary, architecture: 'amd64' });
  return { directory, binary };
}
