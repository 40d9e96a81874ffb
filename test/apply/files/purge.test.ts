import test from 'ava';
import { keptLines } from '../../../src/apply/files/purge.ts';

test('keptLines() names who uses what stays, or works there', (t) => {
  const said = [
    'kept /opt/etcd/3.5.30\tetcd-b.service /etc/cron.d/backup ',
    'kept /opt/etcd/current\trun a run on cluster events',
    'kept /opt/etcd/etcd\t',
  ];
  t.deepEqual(keptLines('etcd01', said.join('\n')), [
    'etcd01: /opt/etcd/3.5.30 stays: etcd-b.service, /etc/cron.d/backup use it; when they no longer do, run the same command again to remove it',
    'etcd01: /opt/etcd/current stays: a run on cluster events works there now; when that has ended, run the same command again to remove it',
    'etcd01: /opt/etcd/etcd stays: it was in use a moment ago, by a process that has ended since, run the same command again to remove it',
  ]);
});
