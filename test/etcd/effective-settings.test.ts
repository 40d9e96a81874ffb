import test from 'ava';
import { effectiveSettings } from '../../src/etcd/effective-settings.ts';

const YAML = `# /etc/etcd/etcd.yml
name: m1
data-dir: /srv/etcd/data
listen-client-urls: https://10.50.0.11:2379,http://127.0.0.1:2379
quota-backend-byte: 8589934592
client-transport-security:
  cert-file: /srv/etcd/tls/m1.pem
  client-cert-auth: true
peer-transport-security:
  peer-cert-file: /srv/etcd/tls/m1.pem
  auto-tls: true
log-outputs: [stderr]
`;

const values = ({ settings }: ReturnType<typeof effectiveSettings>) =>
  Object.fromEntries([...settings].map(([flag, { value }]) => [flag, value]));

test('effectiveSettings() has flags over variables, and says which variables nobody reads', (t) => {
  const found = effectiveSettings(
    {
      args: ['--name', 'a', '--client-cert-auth', '-data-dir=/x', '--discovery-srv='],
      environment: new Map([
        ['ETCD_NAME', 'b'],
        ['ETCD_WAL_DIR', ''],
        ['ETCD_ENABLE_V2', 'true'],
        ['ETCD_TYPO', '1'],
        ['ETCDCTL_CACERT', '/ca'],
      ]),
      places: new Map([['ETCD_TYPO', '/etc/etcd.env:7']]),
    },
    '3.6.14',
  );
  t.deepEqual(values(found), {
    name: 'a',
    'client-cert-auth': 'true',
    'data-dir': '/x',
    'discovery-srv': '',
  });
  t.deepEqual(
    found.dead.map(({ name, place, why }) => [name, place, why]),
    [
      ['ETCD_ENABLE_V2', undefined, 'unknown'],
      ['ETCD_TYPO', '/etc/etcd.env:7', 'unknown'],
      ['ETCD_NAME', undefined, 'behind a flag'],
      ['ETCDCTL_CACERT', undefined, 'for etcdctl'],
    ],
  );
});

test('effectiveSettings() reads a YAML file alone, and names each line that etcd passes over', (t) => {
  const found = effectiveSettings(
    {
      args: ['--config-file', '/etc/etcd/etcd.yml', '--snapshot-count=50000'],
      environment: new Map([['ETCD_NAME', 'ignored']]),
      configText: YAML,
    },
    '3.4.23',
  );
  t.deepEqual(values(found), {
    'config-file': '/etc/etcd/etcd.yml',
    name: 'm1',
    'data-dir': '/srv/etcd/data',
    'listen-client-urls': 'https://10.50.0.11:2379,http://127.0.0.1:2379',
    'cert-file': '/srv/etcd/tls/m1.pem',
    'client-cert-auth': 'true',
    'peer-auto-tls': 'true',
    'log-outputs': 'stderr',
  });
  t.deepEqual(
    found.dead.map(({ name, place, why }) => [name, place, why]),
    [
      ['quota-backend-byte', '/etc/etcd/etcd.yml:5', 'ignored key'],
      ['peer-transport-security.peer-cert-file', '/etc/etcd/etcd.yml:10', 'ignored key'],
      ['--snapshot-count', undefined, 'beside a file'],
      ['ETCD_NAME', undefined, 'beside a file'],
    ],
  );
});

test('effectiveSettings() ends flags at the first other word, as Go does', (t) => {
  const found = effectiveSettings(
    { args: ['--name=a', 'true', '--data-dir=/x'], environment: new Map() },
    '3.5.33',
  );
  t.deepEqual(values(found), { name: 'a' });
  t.deepEqual(
    found.dead.map(({ name, why }) => [name, why]),
    [
      ['true', 'no flag'],
      ['--data-dir=/x', 'no flag'],
    ],
  );
});
