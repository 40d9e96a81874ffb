import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  fingerprint,
  keyType,
  knownAs,
  parseKnownHosts,
  speaksOf,
} from '../../src/ssh/known-hosts.ts';
import { directoryFor } from './directory.ts';
import { newKey } from './sshd.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

test('parseKnownHosts() keeps the lines that name a key, with their numbers, and passes over the rest', (t) => {
  const text = [
    '# a comment',
    '',
    `etcd01,198.18.0.11 ssh-ed25519 ${KEY} ops@bastion`,
    'etcd02 ssh-ed25519',
    'garbage',
    `@revoked * ssh-ed25519 ${KEY}`,
    `@cert-authority *.example ssh-ed25519 ${KEY}`,
    `@unheard-of x ssh-ed25519 ${KEY}`,
    `  |1|c2FsdA==|aGFzaA== ssh-ed25519 ${KEY}\r`,
  ].join('\n');
  const rest = { file: 'known', type: 'ssh-ed25519', key: Buffer.from(KEY, 'base64') };

  t.deepEqual(parseKnownHosts(text, 'known'), [
    { ...rest, line: 3, marker: undefined, hosts: 'etcd01,198.18.0.11' },
    { ...rest, line: 6, marker: 'revoked', hosts: '*' },
    { ...rest, line: 7, marker: 'cert-authority', hosts: '*.example' },
    { ...rest, line: 9, marker: undefined, hosts: '|1|c2FsdA==|aGFzaA==' },
  ]);
});

test('knownAs() spells a host with brackets unless its port is 22', (t) => {
  t.deepEqual(
    [knownAs('ETCD01.example', 22), knownAs('198.18.0.11', 2222), knownAs('fd00::1', 22)],
    ['etcd01.example', '[198.18.0.11]:2222', 'fd00::1'],
  );
  t.is(knownAs('fd00::1', 2222), '[fd00::1]:2222');
});

const FIELDS = [
  'etcd01',
  'etcd*',
  'etcd0?',
  'etcd01,!etcd02',
  '*,!etcd0?',
  '!etcd01',
  '!etcd01,*',
  '*.example',
  '[etcd01]:2222',
  '[*]:2222',
  '*',
  'etcd.1',
  'ETCD01',
];
const NAMES = ['etcd01', 'etcd02', 'a.example', '[etcd01]:2222', '[etcd02]:2200', 'etcdx1'];

test('speaksOf() agrees with ssh-keygen -F on wildcards, lists, ports and negation', (t) => {
  const directory = directoryFor(t);
  const ours: string[] = [];
  const theirs: string[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const file = join(directory, `known_${index}`);
    writeFileSync(file, `${field} ssh-ed25519 ${KEY}\n`);
    const [record] = parseKnownHosts(readFileSync(file, 'utf8'), file);
    for (const name of NAMES) {
      const found = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
      theirs.push(`${field} ~ ${name}: ${found.status === 0}`);
      ours.push(`${field} ~ ${name}: ${record !== undefined && speaksOf(record, name)}`);
    }
  }
  t.deepEqual(ours, theirs);
});

test('speaksOf() knows the hosts that ssh-keygen -H hashed', (t) => {
  const file = join(directoryFor(t), 'known');
  writeFileSync(file, `etcd01,[etcd02]:2222 ssh-ed25519 ${KEY}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  const records = parseKnownHosts(readFileSync(file, 'utf8'), file);
  const isKnown = (name: string) => records.some((record) => speaksOf(record, name));

  t.true(records.every(({ hosts }) => hosts.startsWith('|1|')));
  t.deepEqual(['etcd01', '[etcd02]:2222', 'etcd02', 'etcd03'].map(isKnown), [
    true,
    true,
    false,
    false,
  ]);
});

for (const type of ['ed25519', 'ecdsa', 'rsa']) {
  test(`fingerprint() and keyType() of an ${type} key are what ssh-keygen prints`, (t) => {
    const file = join(directoryFor(t), 'key');
    newKey(file, type);
    const [name = '', blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const key = Buffer.from(blob, 'base64');
    const printed = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' });

    t.deepEqual([keyType(key), fingerprint(key)], [name, printed.split(' ')[1]]);
  });
}
