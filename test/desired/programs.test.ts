import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { programsAt } from '../../src/desired/programs.ts';
import { sh } from '../../src/shell/command.ts';

const golden = new URL('../golden/minimal/etcd01/etcd.service', import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'provision-programs-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

/** The paths of an inventory whose programs are below the directory, on a host whose unit is the golden one. */
function host() {
  const bin = mkdtempSync(join(root, 'bin-'));
  const unitFile = join(bin, 'etcd.service');
  cpSync(golden, unitFile);
  const program = (directory: string) => {
    mkdirSync(join(bin, directory), { recursive: true });
    writeFileSync(join(bin, directory, 'etcdctl'), '', { mode: 0o755 });
    return join(bin, directory);
  };
  const starts = (directory: string) =>
    writeFileSync(
      unitFile,
      readFileSync(golden, 'utf8').replace(/^ExecStart=.*$/m, `ExecStart=${directory}/etcd`),
    );
  mkdirSync(join(bin, '3.5.30'));
  const link = (name: string) => symlinkSync(join(bin, '3.5.30'), join(bin, name));
  const paths = {
    binaries: join(bin, '3.5.30'),
    current: join(bin, 'etcd'),
    formerLink: join(bin, 'current'),
    unitFile,
  };
  return { paths, link, program, starts };
}

const said = (paths: Parameters<typeof programsAt>[0], tools = '/nowhere') =>
  execFileSync('/bin/sh', ['-c', sh`PATH=${tools}:$PATH; echo ${programsAt(paths)}`.text], {
    encoding: 'utf8',
  }).trim();

test('programsAt: the link of the unit, before the one that all units shared', (t) => {
  const { paths, link, program } = host();
  program('3.5.30');
  link('current');
  t.is(said(paths), paths.formerLink);
  link('etcd');
  t.is(said(paths), paths.current);
});

test('programsAt: where the unit starts etcd from, as long as another directory has not arrived', (t) => {
  const { paths, program, starts } = host();
  const theirs = program('theirs');
  starts(theirs);
  t.is(said(paths), theirs);
  program('3.5.30');
  t.is(said(paths), theirs);
});

test('programsAt: those that were brought, where etcd has none beside it', (t) => {
  const { paths, program, starts } = host();
  starts('/nowhere');
  program('3.5.30');
  t.is(said(paths), paths.binaries);
});

test('programsAt: where the etcd that runs is, whatever its unit starts', (t) => {
  const { paths, program, starts } = host();
  starts('/nowhere');
  program('3.5.30');
  const theirs = program('running');
  cpSync('/bin/sleep', join(theirs, 'etcd'));
  const etcd = spawn(join(theirs, 'etcd'), ['60']);
  const tools = program('tools');
  writeFileSync(join(tools, 'systemctl'), `#!/bin/sh\necho ${etcd.pid}\n`, { mode: 0o755 });
  t.is(said(paths, tools), theirs);
  etcd.kill();
});

test('programsAt: the link, where nothing is there yet; it is what an error names', (t) => {
  const { paths } = host();
  rmSync(paths.unitFile);
  t.is(said(paths), paths.current);
});

test('programsAt: programs that somebody else installed need no link', (t) => {
  const { paths } = host();
  t.is(programsAt({ ...paths, current: '/usr/bin', binaries: '/usr/bin' }), '/usr/bin');
});
