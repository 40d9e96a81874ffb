import test from 'ava';
import { atVersion } from '../../src/desired/at-version.ts';
import {
  type BootSettings,
  clientUrl,
  memberSettings,
  peerUrl,
} from '../../src/desired/member-settings.ts';
import { parseInventory } from '../../src/inventory/parse.ts';
import type { Inventory, Member } from '../../src/inventory/schema.ts';

const BOOT: BootSettings = {
  token: 'token',
  state: 'new',
  initialCluster: [
    { name: 'a', peerUrl: 'https://10.0.0.1:2380' },
    { name: 'b', peerUrl: 'https://10.0.0.2:2380' },
  ],
};

function only(text: string): readonly [Inventory, Member] {
  const { inventory } = parseInventory(text, 'i');
  const [member] = inventory.members;
  if (member === undefined) throw new Error('an inventory has a member');
  return [inventory, member];
}

function settingsOf(text: string): readonly (readonly [string, string])[] {
  const [inventory, member] = only(text);
  return [...memberSettings(inventory, member, BOOT)];
}

test('memberSettings: gives an https member everything it needs, in order', (t) => {
  t.deepEqual(
    settingsOf(`
cluster: c
etcd: {version: 3.5.33, settings: {snapshot-count: 5000, auto-compaction-retention: 8h, pre-vote: false}}
members: [{name: a, address: 10.0.0.1}]`),
    [
      ['name', 'a'],
      ['data-dir', '/var/lib/etcd'],
      ['listen-peer-urls', 'https://10.0.0.1:2380'],
      ['listen-client-urls', 'https://10.0.0.1:2379,https://127.0.0.1:2379'],
      ['initial-advertise-peer-urls', 'https://10.0.0.1:2380'],
      ['advertise-client-urls', 'https://10.0.0.1:2379'],
      ['initial-cluster', 'a=https://10.0.0.1:2380,b=https://10.0.0.2:2380'],
      ['initial-cluster-state', 'new'],
      ['initial-cluster-token', 'token'],
      ['cert-file', '/etc/etcd/pki/server.crt'],
      ['key-file', '/etc/etcd/pki/server.key'],
      ['trusted-ca-file', '/etc/etcd/pki/ca.crt'],
      ['client-cert-auth', 'true'],
      ['peer-cert-file', '/etc/etcd/pki/peer.crt'],
      ['peer-key-file', '/etc/etcd/pki/peer.key'],
      ['peer-trusted-ca-file', '/etc/etcd/pki/ca.crt'],
      ['peer-client-cert-auth', 'true'],
      ['auto-compaction-retention', '8h'],
      ['pre-vote', 'false'],
      ['snapshot-count', '5000'],
    ],
  );
});

test('memberSettings: gives an http member no certificates, and 3.4 its logger', (t) => {
  t.deepEqual(
    settingsOf(`
cluster: c
protocol: http
etcd: {version: 3.4.45, ports: {client: 12379, peer: 12380}, paths: {data: /srv/etcd}}
members: [{name: a, address: a.example, listen: 0.0.0.0}]`),
    [
      ['name', 'a'],
      ['data-dir', '/srv/etcd'],
      ['listen-peer-urls', 'http://0.0.0.0:12380'],
      ['listen-client-urls', 'http://0.0.0.0:12379'],
      ['initial-advertise-peer-urls', 'http://a.example:12380'],
      ['advertise-client-urls', 'http://a.example:12379'],
      ['initial-cluster', 'a=https://10.0.0.1:2380,b=https://10.0.0.2:2380'],
      ['initial-cluster-state', 'new'],
      ['initial-cluster-token', 'token'],
      ['logger', 'zap'],
    ],
  );
});

const loggers = test.macro((t, version: string, settings: string, expected: string | undefined) => {
  const text = `
cluster: c
etcd: {version: ${version}, settings: {${settings}}}
members: [{name: a, address: 10.0.0.1}]`;
  t.is(new Map(settingsOf(text)).get('logger'), expected);
});

test('memberSettings: sets no logger on 3.3, which has none', loggers, '3.3.27', '', undefined);
test(
  'memberSettings: sets no logger on 3.5, whose default it is',
  loggers,
  '3.5.33',
  '',
  undefined,
);
test(
  'memberSettings: leaves the old logger to who asks for it',
  loggers,
  '3.4.45',
  'logger: capnslog',
  'capnslog',
);

test('peerUrl and clientUrl: put an IPv6 address in brackets', (t) => {
  const [inventory, member] = only(`
cluster: c
etcd: {version: 3.5.33}
members: [{name: a, address: "fd00::1", listen: "::"}]`);
  t.is(peerUrl(inventory, member), 'https://[fd00::1]:2380');
  t.is(clientUrl(inventory, member), 'https://[fd00::1]:2379');
  const settings = memberSettings(inventory, member, BOOT);
  t.is(settings.get('listen-client-urls'), 'https://[::]:2379');
  t.is(settings.get('listen-peer-urls'), 'https://[::]:2380');
});

test('memberSettings: its own settings win over those of all, at every version', (t) => {
  const text = `
cluster: c
etcd: {version: 3.6.14, settings: {snapshot-count: 5000, log-level: info}}
members:
  - {name: a, address: 10.0.0.1, settings: {snapshot-count: 7000, compaction-batch-limit: 5}}
  - {name: b, address: 10.0.0.2}
  - {name: c, address: 10.0.0.3}`;
  const { inventory } = parseInventory(text, 'i');
  const own = (all: Inventory) =>
    all.members.map((member) => {
      const settings = memberSettings(all, member, BOOT);
      return [
        'snapshot-count',
        'log-level',
        'compaction-batch-limit',
        'experimental-compaction-batch-limit',
      ].map((flag) => settings.get(flag));
    });
  const others = ['5000', 'info', undefined, undefined];
  t.deepEqual(own(inventory), [['7000', 'info', '5', undefined], others, others]);
  t.deepEqual(own(atVersion(inventory, '3.5.33')), [
    ['7000', 'info', undefined, '5'],
    others,
    others,
  ]);
});
