import test from 'ava';
import { desiredCertificates } from '../../src/desired/certificates.ts';
import { Failure } from '../../src/failure/failure.ts';
import { parseInventory } from '../../src/inventory/parse.ts';

const HOST = { address: '10.0.0.81' };
const OTHER = { address: '10.0.0.82' };

function inventory(more: object): string {
  return JSON.stringify({
    cluster: 'prod',
    etcd: { version: '3.5.33' },
    members: [{ name: 'etcd01', address: '10.0.0.71' }],
    ...more,
  });
}

function mistakes(more: object): readonly string[] {
  try {
    parseInventory(inventory(more), 'i.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [...error.message.matchAll(/i\.yaml:\d+:\d+: (.*)/g)].map(([, what = '']) => what);
  }
}

const refuses = test.macro((t, more: object, expected: readonly string[]) => {
  t.deepEqual(mistakes(more), expected);
});

const consumer = (changes: object) => ({
  ...{ name: 'apiserver', hosts: [HOST], directory: '/etc/kubernetes/pki/etcd-client' },
  ...changes,
});

test(
  'parseInventory: a client may not be called like a file of the store',
  refuses,
  { clients: [{ name: 'admin' }, { name: 'a' }, { name: 'a' }] },
  [
    'clients[0].name "admin" is a name of the store\'s own',
    'clients[2].name "a" is taken by clients[1].name, line 1',
  ],
);

test(
  'parseInventory: a consumer names each host once, and two share no directory',
  refuses,
  { consumers: [consumer({ hosts: [HOST, HOST] }), consumer({ name: 'b' })] },
  [
    'consumers[0].hosts[1].address "10.0.0.81" is named before by consumers[0].hosts[0].address, line 1',
    'consumers[0].directory "10.0.0.81 /etc/kubernetes/pki/etcd-client" is taken there by consumers[0].directory, line 1',
    'consumers[1].directory "10.0.0.81 /etc/kubernetes/pki/etcd-client" is taken there by consumers[0].directory, line 1',
  ],
);

for (const [directory, why] of [
  ['/etc/kubernetes/pki', 'is not for this alone; name a directory below it'],
  ['/etc/kubernetes', 'is not for this alone; name a directory below it'],
  ['/etc/etcd/pki', "lies in /etc/etcd, which is etcd's"],
  ['/var/lib/etcd/x', "lies in /var/lib/etcd, which is etcd's"],
] as const) {
  test(
    `parseInventory: ${directory} is no directory for a consumer`,
    refuses,
    { consumers: [consumer({ directory })] },
    [`consumers[0].directory ${directory} ${why}`],
  );
}

test('desiredCertificates() gives each host of a consumer a key of its own, and keeps other clients in the store', (t) => {
  const { inventory: parsed } = parseInventory(
    inventory({
      pki: { subject: { O: 'etcd' }, keys: 'host' },
      clients: [
        { name: 'backup', expiry: '48h' },
        { name: 'api', commonName: 'kube-apiserver-etcd-client', organization: 'system:masters' },
      ],
      consumers: [consumer({ certificate: 'api', hosts: [HOST, OTHER] })],
    }),
    'i.yaml',
  );
  const clients = desiredCertificates(parsed).filter(
    ({ member, id }) => member === undefined && id !== 'admin',
  );
  const subject = (organization: string, common: string) => [
    { type: 'O', value: organization },
    { type: 'CN', value: common },
  ];
  const like = {
    names: [],
    usages: ['clientAuth'] as const,
    authority: 'client' as const,
    key: { algo: 'ecdsa', size: 256 } as const,
  };
  const api = {
    ...{ ...like, row: 'api', hours: 8760, keyPlace: 'host' },
    subject: subject('system:masters', 'kube-apiserver-etcd-client'),
  };
  t.deepEqual(clients, [
    {
      ...{ ...like, id: 'backup', row: 'backup', keyPlace: 'store' },
      ...{ subject: subject('etcd', 'backup'), hours: 48 },
    },
    { ...api, id: 'apiserver@10.0.0.81/api', consumer: 'apiserver@10.0.0.81' },
    { ...api, id: 'apiserver@10.0.0.82/api', consumer: 'apiserver@10.0.0.82' },
  ]);
});

test(
  'parseInventory: a consumer is told and asked in one way each',
  refuses,
  {
    consumers: [
      consumer({ reload: {}, ready: { url: 'https://127.0.0.1/', command: 'true' } }),
      consumer({
        name: 'b',
        hosts: [OTHER],
        reload: { command: 'a\nb' },
        ready: { url: 'readyz' },
      }),
    ],
  },
  [
    'consumers[0].reload must say one of unit and command, not {}',
    'consumers[0].ready must say one of url and command, not {"url":"https://127.0.0.1/","command":"true"}',
    'consumers[1].reload.command must be one line of a shell, not "a\\nb"',
    'consumers[1].ready.url must be a URL of http or https, such as https://127.0.0.1:6443/readyz, not "readyz"',
  ],
);
