import test from 'ava';
import { etcdctl } from '../../src/etcd/etcdctl.ts';

const access = {
  binDirectory: '/opt/etcd',
  endpoints: ['https://10.0.0.1:2379', 'https://10.0.0.2:2379'],
  tls: { ca: '/pki/ca.crt', cert: '/pki/c.crt', key: '/pki/c.key' },
};
const START = 'env -i PATH=/usr/bin:/bin ETCDCTL_API=3 /opt/etcd/etcdctl ';
const ENDPOINTS = '--endpoints=https://10.0.0.1:2379,https://10.0.0.2:2379';
const TIMES = '--dial-timeout=2s --command-timeout=5s';
const FILES = '--cacert=/pki/ca.crt --cert=/pki/c.crt --key=/pki/c.key';

for (const [given, ours] of [
  [['get', 'k'], `${ENDPOINTS} ${TIMES} ${FILES}`],
  [['--endpoints', 'http://x:1', 'get', 'k'], `${TIMES} ${FILES}`],
  [['get', 'k', '--endpoints=http://x:1'], `${TIMES} ${FILES}`],
  [['get', '--command-timeout', '9s'], `${ENDPOINTS} --dial-timeout=2s ${FILES}`],
  [['get', '--cert=/a', '--key=/b'], `${ENDPOINTS} ${TIMES} --cacert=/pki/ca.crt`],
  [['get', '--keys-only', '--endpoints-of'], `${ENDPOINTS} ${TIMES} ${FILES}`],
  [['put', '--', '--endpoints', 'v'], `${ENDPOINTS} ${TIMES} ${FILES}`],
] as const)
  test(`etcdctl: ours beside ${given.join(' ')}`, (t) => {
    const { text } = etcdctl(access, given);
    t.is(text.replaceAll("'", ''), `${START}${ours} ${given.join(' ')}`);
  });
