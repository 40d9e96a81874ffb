import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { provision } from '../run-cli.ts';

const directory = await mkdtemp(join(tmpdir(), 'provision-render-'));
const inventory = fileURLToPath(new URL('../../../inventories/minimal.yaml', import.meta.url));
const golden = new URL('../../golden/minimal/etcd01/', import.meta.url);
const CONF = 'etcd01/etc/etcd/etcd.conf';
const UNIT = 'etcd01/etc/systemd/system/etcd.service';
const NOTE =
  'drawn-at-the-first-start stands for a random token, which hosts keep; keys and certificates are never rendered.';

const conf = await readFile(new URL('etcd.conf', golden), 'utf8');
const unit = await readFile(new URL('etcd.service', golden), 'utf8');

test.after.always(() => rm(directory, { recursive: true }));

test('render: writes each file to the path it has on its host, twice the same', async (t) => {
  for (const _ of ['first', 'second']) {
    t.deepEqual(await provision(directory, ['render', inventory, '--out', 'out']), {
      exitCode: 0,
      stdout: `out/${CONF}\nout/${UNIT}\n\n${NOTE}\n`,
      stderr: '',
    });
  }
  t.is(await readFile(join(directory, 'out', CONF), 'utf8'), conf);
  t.is(await readFile(join(directory, 'out', UNIT), 'utf8'), unit);
  const all = await readdir(join(directory, 'out'), { recursive: true, withFileTypes: true });
  t.is(all.filter((entry) => entry.isFile()).length, 2);
});

test('render: overwrites no file that is not its own', async (t) => {
  const mine = join(directory, 'mine', UNIT);
  await mkdir(dirname(mine), { recursive: true });
  await writeFile(mine, '[Unit]\n');
  t.deepEqual(await provision(directory, ['render', inventory, '--out', 'mine']), {
    exitCode: 3,
    stdout: '',
    stderr: `error: mine/${UNIT} was not written by provision\n  next: name another directory with --out\n`,
  });
  t.is(await readFile(mine, 'utf8'), '[Unit]\n');
  t.deepEqual(await readdir(join(directory, 'mine/etcd01/etc')), ['systemd']);
});

test('render: prints the files where no directory is named', async (t) => {
  t.deepEqual(await provision(directory, ['render', inventory]), {
    exitCode: 0,
    stdout: `==> etcd01:/etc/etcd/etcd.conf <==\n${conf}\n==> etcd01:/etc/systemd/system/etcd.service <==\n${unit}\n# ${NOTE}\n`,
    stderr: '',
  });
});

test('render: prints nothing but JSON with --json', async (t) => {
  const { stdout } = await provision(directory, ['render', inventory, '--json']);
  t.deepEqual(JSON.parse(stdout), {
    cluster: 'minimal',
    note: NOTE,
    files: [
      { member: 'etcd01', path: '/etc/etcd/etcd.conf', content: conf },
      { member: 'etcd01', path: '/etc/systemd/system/etcd.service', content: unit },
    ],
  });
});

test('render: says why it cannot write', async (t) => {
  await writeFile(join(directory, 'file'), '');
  const { exitCode, stderr } = await provision(directory, ['render', inventory, '--out', 'file']);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `error: file/${CONF} cannot be written\n  caused by: ENOTDIR: not a directory, mkdir 'file/etcd01/etc/etcd'\n  next: name another directory with --out\n`,
  );
});

test('render: a mistaken inventory ends with exit code 2 and every mistake', async (t) => {
  await writeFile(
    join(directory, 'bad.yaml'),
    'cluster: A\netcd: {version: 3.2.1}\nmembers: [{name: a, address: "::"}]\n',
  );
  t.deepEqual(await provision(directory, ['render', 'bad.yaml', '--out', 'none']), {
    exitCode: 2,
    stdout: '',
    stderr: `error: 3 mistakes in bad.yaml
  bad.yaml:1:10: cluster must use a-z, 0-9 and inner hyphens only, not "A"
  bad.yaml:2:17: etcd.version 3.2.1 is outside 3.3 to 3.7, which provision knows
  bad.yaml:3:30: members[0].address "::" is an unspecified address: no machine can be reached at it
  next: correct what is named, then run it again
`,
  });
});
