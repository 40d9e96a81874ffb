import test from 'ava';
import { desiredCa, desiredCertificates, desiredPeerCa } from '../../src/desired/certificates.ts';
import { inventorySchema } from '../../src/inventory/schema.ts';

const written = {
  cluster: 'prod',
  etcd: { version: '3.5.30' },
  pki: {
    subject: { C: 'CN', ST: 'Beijing', O: 'etcd', OU: '' },
    expiry: { ca: '100h', leaf: '10h' },
    key: { algo: 'rsa', size: 2048 },
    sans: ['*.etcd.svc', 'ETCD01'],
  },
  members: [
    {
      name: 'etcd01',
      address: '10.0.0.1',
      addresses: ['fd00:0::1', '192.168.0.1'],
      listen: '0.0.0.0',
    },
    { name: 'etcd02', address: 'etcd02.example', listen: '10.0.0.2' },
  ],
};
const inventory = inventorySchema.parse(written);

const LIKE = { hours: 10, key: { algo: 'rsa', size: 2048 } } as const;
const SHARED = { ...LIKE, keyPlace: 'store', authority: 'client' } as const;
const ALWAYS = ['127.0.0.1', '::1', 'localhost', '*.etcd.svc'];
const FIRST = ['etcd01', '10.0.0.1', 'fd00::1', '192.168.0.1', ...ALWAYS];
const SECOND = ['etcd02', 'etcd02.example', '10.0.0.2', ...ALWAYS, 'etcd01'];

const subject = (name: string) => [
  { type: 'C', value: 'CN' },
  { type: 'ST', value: 'Beijing' },
  { type: 'O', value: 'etcd' },
  { type: 'CN', value: name },
];

test('desiredCertificates() names every address a member is reached at or dials from', (t) => {
  const listener = (member: string, row: string, names: readonly string[]) => ({
    id: `${member}/${row}`,
    row,
    member,
    subject: subject(member),
    names,
    usages: ['serverAuth', 'clientAuth'],
    ...SHARED,
  });
  const client = (member: string) => ({
    id: `${member}/healthcheck-client`,
    row: 'healthcheck-client',
    member,
    subject: subject('healthcheck-client'),
    names: [],
    usages: ['clientAuth'],
    ...SHARED,
  });
  t.deepEqual<unknown, unknown>(desiredCertificates(inventory), [
    listener('etcd01', 'server', FIRST),
    listener('etcd02', 'server', SECOND),
    listener('etcd01', 'peer', FIRST),
    listener('etcd02', 'peer', SECOND),
    client('etcd01'),
    client('etcd02'),
    {
      id: 'admin',
      row: 'admin',
      subject: subject('admin'),
      names: [],
      usages: ['clientAuth'],
      ...SHARED,
    },
  ]);
});

test('desiredCertificates() has the CA of the peers sign for them alone, where they have one', (t) => {
  const pki = { ...written.pki, peerCa: 'separate' };
  const wanted = desiredCertificates(inventorySchema.parse({ ...written, pki }));
  t.deepEqual(
    wanted.map(({ row, authority }) => [row, authority]),
    [
      ['server', 'client'],
      ['server', 'client'],
      ['peer', 'peer'],
      ['peer', 'peer'],
      ['healthcheck-client', 'client'],
      ['healthcheck-client', 'client'],
      ['admin', 'client'],
    ],
  );
});

test('desiredPeerCa() is a CA of its own where the inventory says so', (t) => {
  t.is(desiredPeerCa(inventory), undefined);
  const separate = { ...inventory.pki, peerCa: 'separate' } as const;
  t.deepEqual<unknown, unknown>(desiredPeerCa({ ...inventory, pki: separate }), {
    subject: subject('prod-peer-ca'),
    ...LIKE,
    hours: 100,
  });
  const { subject: long = [] } =
    desiredPeerCa({ ...inventory, cluster: 'c'.repeat(63), pki: separate }) ?? {};
  t.is(long.at(-1)?.value, `${'c'.repeat(56)}-peer-ca`);
});

test('desiredCertificates() has members make their own keys where the inventory says so', (t) => {
  const pki = { ...written.pki, keys: 'host' };
  const wanted = desiredCertificates(inventorySchema.parse({ ...written, pki }));
  t.deepEqual(
    wanted.filter(({ keyPlace }) => keyPlace === 'store').map(({ id }) => id),
    ['admin'],
  );
  t.deepEqual(
    wanted.map(({ keyPlace: _, ...rest }) => rest),
    desiredCertificates(inventory).map(({ keyPlace: _, ...rest }) => rest),
  );
});

test('desiredCertificates() asks for none where the cluster speaks http', (t) => {
  t.deepEqual(desiredCertificates(inventorySchema.parse({ ...written, protocol: 'http' })), []);
});

test('desiredCa() takes subject, life and key of the inventory', (t) => {
  t.deepEqual<unknown, unknown>(desiredCa(inventory), {
    subject: subject('prod-ca'),
    ...LIKE,
    hours: 100,
  });
});

test('desiredCa() keeps the common name within 64 characters', (t) => {
  const { subject: long } = desiredCa({ ...inventory, cluster: 'c'.repeat(63) });
  t.is(long.at(-1)?.value, `${'c'.repeat(61)}-ca`);
});

test('desiredCertificates() leaves out of a certificate a member name that no certificate can carry', (t) => {
  const namesOf = (name: string) =>
    desiredCertificates(
      inventorySchema.parse({
        ...written,
        adopted: { clusterId: '1a' },
        members: [{ name, address: '10.0.0.1' }],
      }),
    ).find(({ row }) => row === 'peer')?.names;
  t.deepEqual(namesOf('Infra1.lager.example'), [
    'infra1.lager.example',
    '10.0.0.1',
    ...ALWAYS,
    'etcd01',
  ]);
  t.deepEqual(namesOf('etcd.1'), ['10.0.0.1', ...ALWAYS, 'etcd01']);
});
