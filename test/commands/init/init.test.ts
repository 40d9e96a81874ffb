import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readInventory } from '../../../src/inventory/read.ts';
import { provision } from '../run-cli.ts';

const directory = await mkdtemp(join(tmpdir(), 'provision-init-'));
test.after.always(() => rm(directory, { recursive: true }));

const CLUSTER = ['--cluster', 'prod', '--hosts', '10.0.0.1,db=10.0.0.2,10.0.0.3'];

test('init: writes an inventory that parses', async (t) => {
  t.deepEqual(await provision(directory, ['init', 'a.yaml', ...CLUSTER, '--user', 'ops']), {
    exitCode: 0,
    stdout: 'wrote a.yaml: 3 members\nnext: provision plan a.yaml\n',
    stderr: '',
  });
  const { inventory } = await readInventory(join(directory, 'a.yaml'));
  t.is(inventory.cluster, 'prod');
  t.is(inventory.ssh.user, 'ops');
  t.deepEqual(
    inventory.members.map(({ name, address }) => [name, address]),
    [
      ['etcd01', '10.0.0.1'],
      ['db', '10.0.0.2'],
      ['etcd03', '10.0.0.3'],
    ],
  );
});

test('init: leaves a file that exists as it is', async (t) => {
  await writeFile(join(directory, 'mine.yaml'), 'mine');
  t.deepEqual(await provision(directory, ['init', 'mine.yaml', ...CLUSTER]), {
    exitCode: 3,
    stdout: '',
    stderr: 'error: mine.yaml exists already and is left as it is\n  next: name another file\n',
  });
  t.is(await readFile(join(directory, 'mine.yaml'), 'utf8'), 'mine');
});

test('init: prints the inventory instead of writing it, for -', async (t) => {
  const { exitCode, stdout, stderr } = await provision(directory, ['init', '-', ...CLUSTER]);
  t.deepEqual([exitCode, stderr], [0, '']);
  t.true(stdout.includes('\ncluster: prod\n'));
  t.false(existsSync(join(directory, '-')));
});

test('init: says what is missing where there is nobody to ask', async (t) => {
  t.deepEqual(await provision(directory, ['init', 'b.yaml', '--cluster', 'prod']), {
    exitCode: 2,
    stdout: '',
    stderr:
      'error: --hosts is missing, and there is no terminal to ask on\n  next: provision init --cluster prod --hosts 10.0.0.1,10.0.0.2,10.0.0.3\n',
  });
});

test('init: writes nothing that could not be read', async (t) => {
  const hosts = ['--hosts', '127.0.0.1,10.0.0.2'];
  t.deepEqual(await provision(directory, ['init', 'c.yaml', '--cluster', 'a b', ...hosts]), {
    exitCode: 2,
    stdout: '',
    stderr: `error: 2 mistakes in c.yaml (not written)
  c.yaml (not written):5:10: cluster must use a-z, 0-9 and inner hyphens only, not "a b"
  c.yaml (not written):25:14: members[0].address "127.0.0.1" is a loopback address: every other machine would reach itself
  next: correct what is named, then run it again
`,
  });
  t.false(existsSync(join(directory, 'c.yaml')));
});

test('init: warns of what it writes, and prints nothing but JSON with --json', async (t) => {
  const hosts = ['--cluster', 'prod', '--hosts', '10.0.0.1,10.0.0.2'];
  const { exitCode, stdout, stderr } = await provision(directory, [
    'init',
    'd.yaml',
    ...hosts,
    '--json',
  ]);
  t.is(exitCode, 0);
  t.regex(stderr, /^warning: d\.yaml \(not written\):23:1: 2 members survive/);
  t.deepEqual(JSON.parse(stdout), {
    file: 'd.yaml',
    cluster: 'prod',
    members: [
      { name: 'etcd01', address: '10.0.0.1' },
      { name: 'etcd02', address: '10.0.0.2' },
    ],
    text: await readFile(join(directory, 'd.yaml'), 'utf8'),
  });
});

test('init: says why it cannot write', async (t) => {
  const { exitCode, stderr } = await provision(directory, ['init', 'no/such/e.yaml', ...CLUSTER]);
  t.is(exitCode, 1);
  t.is(
    stderr,
    "error: no/such/e.yaml cannot be written\n  caused by: ENOENT: no such file or directory, open 'no/such/e.yaml'\n  next: name a file in a directory that exists and that you may write to\n",
  );
});
