import { gte, satisfies } from 'semver';

/** The program that reads and restores snapshot files: etcdutl since 3.5 (etcd CHANGELOG-3.5), and alone from 3.6 on. */
export function snapshotTool(version: string): 'etcdctl' | 'etcdutl' {
  return gte(version, '3.5.0') ? 'etcdutl' : 'etcdctl';
}

/** Whether a restore can move the revision on and mark what was before as compacted (etcd#16029: 3.4.27, 3.5.10). */
export function canBumpRevision(version: string): boolean {
  return satisfies(version, '~3.4 >=3.4.27') || gte(version, '3.5.10');
}
