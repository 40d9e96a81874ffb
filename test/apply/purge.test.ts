import test from 'ava';
import { keptLines } from '../../src/apply/purge.ts';

test('keptLines() names who uses what stays, or works there', (t) => {
  const said = [
    'kept /opt/etcd/3.5.30\tetcd-b.service /etc/cron.d/backup ',
    'kept /opt/etcd/current\trun a run on cluster events',
    'kept /opt/etcd/etcd\t',
  ];
  t.deepEqual(keptLines('etcd01', said.join('\n')), [
    'etcd01: /opt/etcd/3.5.30 stays: etcd-b.service, /etc/cron.d/backup uses it',
    'etcd01: /opt/etcd/current stays: a run on cluster events works there now',
    'etcd01: /opt/etcd/etcd stays: somebody else uses it',
  ]);
});
