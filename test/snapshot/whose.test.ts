import test from 'ava';
import type { SnapshotRecord } from '../../src/snapshot/record.ts';
import { isNamedAfter, isOf, withOwnIds } from '../../src/snapshot/whose.ts';

const record: SnapshotRecord = {
  cluster: 'etcd',
  member: 'n1',
  etcd: '3.5.30',
  revision: 1,
  totalKeys: 1,
  takenAt: '2026-11-21T10:00:00.000Z',
  size: 1,
  sha256: '00'.repeat(32),
};

test('isNamedAfter: takes the names that snapshots of the cluster get, and no longer cluster name', (t) => {
  const names = [
    'etcd-20261121T100000Z.db',
    '/backup/etcd-20261121T100000Z.db.age',
    'etcd-20261121T100000Z.db.part',
    'etcd-events-20261121T100000Z.db',
    'shop-20261121T100000Z.db',
    'etcd-before-the-upgrade.db',
    'film.mkv.part',
  ];
  t.deepEqual(
    names.map((name) => isNamedAfter('etcd', name)),
    [true, true, true, false, false, false, false],
  );
});

const etcd = { name: 'etcd', peers: ['https://10.0.0.1:2380', 'https://10.0.0.2:2380'] };
const shop = { name: 'shop', peers: etcd.peers };

test('isOf: believes the record before the name, and the name where there is no record', (t) => {
  const path = 'etcd-20261121T100000Z.db';
  t.true(isOf(etcd, { path, record: undefined }));
  t.false(isOf(shop, { path, record: undefined }));
  t.true(isOf(etcd, { path: 'copy.db', record }));
  t.false(isOf(etcd, { path, record: { ...record, cluster: 'shop' } }));
  t.false(isOf(etcd, { path: 'copy.db', record: undefined }));
});

test('isOf: takes no snapshot of other members for its own, whatever it is called', (t) => {
  const from = (...peers: string[]) =>
    isOf(etcd, { path: 'copy.db', record: { ...record, peers } });
  t.deepEqual(
    [
      from('http://10.0.0.2:2380', 'http://10.0.0.9:2380'),
      from('https://10.0.0.9:2380'),
      from('https://10.0.0.1:2390'),
    ],
    [true, false, false],
  );
});

test('withOwnIds: knows snapshots from before all members moved by the cluster id of later ones', (t) => {
  const one = (clusterId: string, ...peers: string[]) => ({
    path: 'copy.db',
    record: { ...record, clusterId, peers },
  });
  const all = [
    one('a', 'https://10.0.0.1:2380'),
    one('a', 'https://10.0.0.8:2380'),
    one('b', 'https://10.0.0.9:2380'),
  ];
  t.deepEqual(
    all.map((snapshot) => isOf(withOwnIds(etcd, all), snapshot)),
    [true, true, false],
  );
});
