import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
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
  mkdirSync(join(bin, '3.5.30'));
  const link = (name: string) => symlinkSync(join(bin, '3.5.30'), join(bin, name));
  const paths = {
    binaries: join(bin, '3.5.30'),
    current: join(bin, 'etcd'),
    formerLink: join(bin, 'current'),
    unitFile,
  };
  return { paths, link };
}

const said = (paths: Parameters<typeof programsAt>[0]) =>
  execFileSync('/bin/sh', ['-c', sh`echo ${programsAt(paths)}`.text], { encoding: 'utf8' }).trim();

test('programsAt: the link of the unit, before the one that all units shared', (t) => {
  const { paths, link } = host();
  link('current');
  t.is(said(paths), paths.formerLink);
  link('etcd');
  t.is(said(paths), paths.current);
});

test('programsAt: where the unit starts etcd from, as long as another directory has not arrived', (t) => {
  const { paths } = host();
  t.is(said(paths), '/opt/etcd/etcd');
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
