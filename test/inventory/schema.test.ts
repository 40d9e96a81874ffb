import test from 'ava';
import { inventorySchema } from '../../src/inventory/schema.ts';

type Place =
  | 'cluster'
  | 'member'
  | 'user'
  | 'unit'
  | 'data'
  | 'setting'
  | 'subject'
  | 'expiry'
  | 'version';

function isTaken(place: Place, text: string): boolean {
  const put = (here: Place, otherwise: string) => (place === here ? text : otherwise);
  return inventorySchema.safeParse({
    cluster: put('cluster', 'c'),
    etcd: {
      version: put('version', '3.5.33'),
      settings: { 'auth-token': put('setting', 'simple') },
      user: put('user', 'etcd'),
      unit: put('unit', 'etcd'),
      paths: { data: put('data', '/var/lib/etcd') },
    },
    pki: { subject: { O: put('subject', 'etcd') }, expiry: { leaf: put('expiry', '8760h') } },
    members: [{ name: put('member', 'a'), address: '10.0.0.1' }],
  }).success;
}

const takes = test.macro((t, place: Place, good: readonly string[], bad: readonly string[]) => {
  t.deepEqual(
    good.filter((text) => !isTaken(place, text)),
    [],
  );
  t.deepEqual(
    bad.filter((text) => isTaken(place, text)),
    [],
  );
});

const SHELL = [
  'a;touch /run/pwned',
  '$(id)',
  '`id`',
  'a b',
  'a\nb',
  "a'b",
  'a"b',
  'a|b',
  'a&b',
  'a\\b',
  '%n',
  '',
  ' ',
];
const NAMES = [...SHELL, '../x', '-rf', 'a-', 'A', 'größe', 'a.b', 'a_b', 'x'.repeat(64), 'a/b'];

test(
  'inventorySchema: a cluster is a plain name',
  takes,
  'cluster',
  ['a', 'prod-etcd', '1', 'x'.repeat(63)],
  NAMES,
);
test('inventorySchema: a member is a plain name', takes, 'member', ['a', 'etcd-01'], NAMES);
test(
  'inventorySchema: a unit is a plain name',
  takes,
  'unit',
  ['etcd', 'k8s-etcd'],
  [...SHELL, '../x', '1etcd', 'etcd.service', 'etcd@1'],
);
test(
  'inventorySchema: a user is an account',
  takes,
  'user',
  ['etcd', '_etcd', 'etcd-1'],
  [...SHELL, 'Etcd', '1', '-x', 'root:root', '../x'],
);
test(
  'inventorySchema: a path is absolute, plain and two deep',
  takes,
  'data',
  ['/var/lib/etcd', '/srv/etcd.d', '/data/etcd-1/x'],
  [
    ...SHELL,
    '/',
    '/etc',
    '/etc/',
    'var/lib',
    '/var/../etc',
    '/var/./etcd',
    '/var//etcd',
    '/var/lib/etcd/',
    '/a b/c',
    '/var/lib/-rf\n',
    '~/etcd',
    '/var/.hidden',
  ],
);
test(
  'inventorySchema: a setting holds nothing that a file or a shell would act on',
  takes,
  'setting',
  ['simple', 'jwt,pub-key=/x.pub,sign-method=RS512,ttl=10m', '{"maxsize": 100}', 'größe'],
  ['a\nb', 'a\rb', 'a\0b', '\u001b[31m', '%n', '$HOME', '`id`', 'a\\', "it's", 'x'.repeat(4097)],
);
test(
  'inventorySchema: a subject is plain text',
  takes,
  'subject',
  ['etcd', '北京', 'A & B, Ltd.'],
  ['a\nb', '%n', '$x', 'a"b', 'a\\b', 'x'.repeat(65)],
);
test(
  'inventorySchema: an expiry is hours',
  takes,
  'expiry',
  ['1h', '8760h'],
  ['0h', '10y', '8760', '-1h', '1.5h', '12345678h'],
);
test(
  'inventorySchema: a version is a full version',
  takes,
  'version',
  ['3.5.33', '3.6.0'],
  ['3.5', 'v3.5.33', '3.5.33-rc.0', '4.0.0', 'latest', '3.5.33\n', ''],
);

test('inventorySchema: addresses get the one spelling that others compare them by', (t) => {
  const { members } = inventorySchema.parse({
    cluster: 'c',
    etcd: { version: '3.5.33' },
    members: [
      {
        name: 'a',
        address: 'FD00:0:0::1',
        listen: '0::0',
        addresses: ['A.Example', '::ffff:10.0.0.1'],
      },
    ],
  });
  t.deepEqual(members, [
    {
      name: 'a',
      address: 'fd00::1',
      listen: '::',
      addresses: ['a.example', '10.0.0.1'],
      settings: {},
      ssh: {},
    },
  ]);
});
