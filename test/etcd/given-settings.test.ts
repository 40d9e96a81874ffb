import test from 'ava';
import { givenPlaces, wholePath } from '../../src/etcd/given-places.ts';
import { configFileOf, flagsAmong, givenSettings } from '../../src/etcd/given-settings.ts';

const environment = new Map([
  ['ETCD_NAME', 'm1'],
  ['ETCD_DATA_DIR', '/env'],
]);

test('givenSettings() lets flags go before variables, in either form', (t) => {
  const args = ['--data-dir', '/flag', '-wal-dir=/log', '--debug', '--snapshot-count=5'];
  t.deepEqual(
    givenSettings({ environment, args }),
    new Map([
      ['ETCD_NAME', 'm1'],
      ['ETCD_DATA_DIR', '/flag'],
      ['ETCD_WAL_DIR', '/log'],
      ['ETCD_DEBUG', 'true'],
      ['ETCD_SNAPSHOT_COUNT', '5'],
    ]),
  );
});

test('givenSettings() ends at a word that is no flag, as etcd does', (t) => {
  const args = ['--name=a', 'stray', '--data-dir=/x'];
  t.deepEqual(givenSettings({ environment: new Map(), args }), new Map([['ETCD_NAME', 'a']]));
});

test('givenSettings() takes a YAML file alone, and nothing beside it', (t) => {
  const args = ['--config-file', '/etc/etcd.yml', '--snapshot-count=5'];
  const text = `name: "y1"
data-dir: '/srv/etcd/data'
wal-dir: /srv/etcd-wal/
election-timeout: 5000
grpc-keepalive-interval: 7200000000000
listen-client-urls: https://10.0.0.1:2379,http://127.0.0.1:2379
initial-cluster-state: new
quota-backend-byte: 8
peer-transport-security:
  peer-cert-file: /ignored
  auto-tls: true
log-outputs: [stderr, /var/log/etcd.log]
`;
  t.deepEqual(
    givenSettings({ environment, args }, { text, version: '3.4.23' }),
    new Map([
      ['ETCD_CONFIG_FILE', '/etc/etcd.yml'],
      ['ETCD_NAME', 'y1'],
      ['ETCD_DATA_DIR', '/srv/etcd/data'],
      ['ETCD_WAL_DIR', '/srv/etcd-wal'],
      ['ETCD_ELECTION_TIMEOUT', '5000'],
      ['ETCD_GRPC_KEEPALIVE_INTERVAL', '7200000ms'],
      ['ETCD_LISTEN_CLIENT_URLS', 'https://10.0.0.1:2379,http://127.0.0.1:2379'],
      ['ETCD_INITIAL_CLUSTER_STATE', 'new'],
      ['ETCD_PEER_AUTO_TLS', 'true'],
      ['ETCD_LOG_OUTPUTS', 'stderr,/var/log/etcd.log'],
    ]),
  );
});

test('givenSettings() has all that stands beside a file that nobody could read', (t) => {
  const args = ['--config-file=/etc/etcd.yml', '--name=flag'];
  const given = givenSettings({ environment, args });
  t.is(given.get('ETCD_NAME'), 'flag');
  t.is(given.get('ETCD_DATA_DIR'), '/env');
});

test('configFileOf() goes by the last flag, then by the variable', (t) => {
  const named = new Map([['ETCD_CONFIG_FILE', '/env.yml']]);
  const of = (...args: readonly string[]) => configFileOf({ environment: named, args });
  t.is(of('--config-file=/a.yml', '--config-file', '/b.yml'), '/b.yml');
  t.is(of(), '/env.yml');
  t.is(configFileOf({ environment: new Map(), args: [] }), undefined);
});

test('flagsAmong() finds flags among other words of a command', (t) => {
  t.deepEqual(flagsAmong(['/usr/bin/etcd', '--name=a', '$ARGS', '--wal-dir', '/log']), [
    ['ETCD_NAME', 'a'],
    ['ETCD_WAL_DIR', '/log'],
  ]);
});

test('givenPlaces() has whole paths, whatever they were given as', (t) => {
  const places = (said: Readonly<Record<string, string>>) =>
    givenPlaces((variable) => said[variable], '/var/lib/etcd');
  t.deepEqual(places({ ETCD_DATA_DIR: 'data/', ETCD_WAL_DIR: '/fast//log/' }), {
    ...{ data: '/var/lib/etcd/data', wal: '/fast/log' },
  });
  t.deepEqual(places({ ETCD_NAME: 'm1', ETCD_WAL_DIR: '' }), {
    ...{ data: '/var/lib/etcd/m1.etcd', wal: '/var/lib/etcd/m1.etcd/member/wal' },
  });
  t.is(places({}).data, '/var/lib/etcd/default.etcd');
  t.is(wholePath('../x/./y', '/a/b'), '/a/x/y');
});
