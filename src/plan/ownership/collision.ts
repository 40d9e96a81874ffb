/** One thing that two want: the key of the inventory that would part them, and what it is. */
export interface Collision {
  readonly key: Key;
  readonly what: string;
}

export type Key =
  | 'etcd.unit'
  | 'etcd.ports'
  | 'etcd.paths.conf'
  | 'etcd.paths.data'
  | 'etcd.paths.wal'
  | 'etcd.paths.walDirectory'
  | 'etcd.paths.bin'
  | 'snapshots.hostDirectory';
