import test from 'ava';
import { readTenants } from '../../../src/facts/host/tenants.ts';

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
