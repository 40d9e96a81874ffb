import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { readTenants, tenantsFact } from '../../../src/facts/host/tenants.ts';
import { localHost } from '../../host/local-host.ts';

const SAID = `process 71 /opt/etcd/3.5.30/etcd
 cgroup=0::/system.slice/etcd.service
 ETCD_NAME=r1
 arg=/opt/etcd/etcd/etcd
process 72 /opt/etcd/3.5.30/etcd
 cgroup=0::/system.slice/ssh.service
 arg=/opt/etcd/etcd/etcd
 arg=--version
process 73 /usr/bin/etcd
 cgroup=0::/user.slice/user-0.slice/session-1.scope
 arg=etcd
 arg=--data-dir=/root/x
process 74 /usr/bin/etcd
`;

test('readTenants() passes over a program that only says its version, and one that ended meanwhile', (t) => {
  t.deepEqual(readTenants(SAID).processes, [
    {
      pid: 71,
      executable: '/opt/etcd/3.5.30/etcd',
      unit: 'etcd.service',
      environment: new Map([['ETCD_NAME', 'r1']]),
      args: [],
    },
    {
      pid: 73,
      executable: '/usr/bin/etcd',
      unit: undefined,
      environment: new Map(),
      args: ['--data-dir=/root/x'],
    },
  ]);
});

test('tenantsFact() finds a process of etcd, what it was given, and where its data lies', async (t) => {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'provision-tenants-')));
  const at = (name: string) => join(place, name);
  const program = at('etcd');
  await copyFile('/bin/sh', program);
  await mkdir(at('data'));
  await writeFile(at('data/0.wal'), 'not a log');
  await symlink('data', at('link'));
  const args = ['-c', 'echo; read -r end', 'a b', '', '--data-dir', at('link'), '--end'];
  const child = spawn(program, args, { env: { ETCD_NAME: 'x="1 2"', ETCD_WAL_DIR: at('wal') } });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await rm(place, { recursive: true });
  });
  await once(child.stdout, 'data');
  const paths = {
    bin: at('bin'),
    conf: at('link/conf'),
    pki: '/',
    data: '/',
    wal: '/',
    snapshots: '/',
  };
  const { found } = await askAll(localHost('here'), { found: tenantsFact(paths, 'none') });
  const { unit, ...own } = found.processes.find(({ pid }) => pid === child.pid) ?? {};
  t.deepEqual(own, {
    pid: child.pid,
    executable: program,
    environment: new Map([
      ['ETCD_NAME', 'x="1 2"'],
      ['ETCD_WAL_DIR', at('wal')],
    ]),
    args,
  });
  t.true(found.logs.has(at('link')));
  t.is(found.real.get(at('link')), at('data'));
  t.is(found.real.get(at('link/conf')), at('data/conf'));
});

test('readTenants() keeps the files apart that sed has named', (t) => {
  const said =
    'files\n/etc/a.service\n [Unit]\n \n /not/a/file\n/run/b.service\n X=1\n\nconf /c\n name: x\n';
  t.deepEqual(readTenants(said).unitFiles, [
    { path: '/etc/a.service', text: '[Unit]\n\n/not/a/file' },
    { path: '/run/b.service', text: 'X=1' },
  ]);
});
