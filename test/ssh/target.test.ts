import { homedir } from 'node:os';
import test from 'ava';
import { targetOf } from '../../src/ssh/target.ts';

test('targetOf() lets the keys of a machine win, and makes paths absolute', (t) => {
  const target = targetOf(
    '/srv/inventories',
    { user: 'ops', port: 22, identityFile: 'keys/id', knownHosts: '~/known' },
    {
      name: 'etcd01',
      address: '10.0.0.1',
      ssh: { port: 2222, host: 'bastion', hostKey: 'SHA256:x' },
    },
  );
  t.deepEqual(target, {
    name: 'etcd01',
    address: 'bastion',
    ssh: {
      user: 'ops',
      port: 2222,
      hostKey: 'SHA256:x',
      identityFile: '/srv/inventories/keys/id',
      knownHosts: `${homedir()}/known`,
    },
  });
});

test('targetOf() is the address alone where the inventory says nothing about ssh', (t) => {
  const member = { name: 'etcd01', address: '10.0.0.1' };
  t.deepEqual(targetOf('/srv', {}, member), { ...member, ssh: {} });
});
