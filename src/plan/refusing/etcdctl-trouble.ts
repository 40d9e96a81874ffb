import type { DesiredCluster } from '../../desired/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';

type Cluster = Pick<DesiredCluster, 'paths'>;
type Found = Pick<MemberFacts, 'unit' | 'etcd' | 'binaries' | 'current'>;

/** Why the etcdctl beside an etcd that runs cannot be run: by what env(1) said of it, else by its file. */
export function etcdctlTrouble(cluster: Cluster, found: Found): string | undefined {
  if (found.unit.pid === 0) return undefined;
  const { paths } = cluster;
  // Where the inventory names another directory for programs, etcd itself is elsewhere too: up brings both, or refuses.
  const { executable } = found.unit.process ?? {};
  const isElsewhere =
    executable !== undefined &&
    executable.replace(/ \(deleted\)$/, '') !== `${paths.binaries}/etcd`;
  if (isElsewhere && found.etcd.healthy) return undefined;
  if (found.etcd.unasked !== undefined) return found.etcd.unasked;
  // While another version is being brought, etcd and its tools are in another directory than the one that was looked at.
  if (paths.current !== paths.binaries && found.current !== paths.binaries) return undefined;
  const file = found.binaries.get('etcdctl');
  if (file === undefined) return 'No such file or directory';
  return (file.mode & 0o111) === 0 ? 'Permission denied' : undefined;
}

/** Whether `up` brings it again: programs that etcd.source says are installed are not brought. */
export function isEtcdctlBrought({ paths }: Cluster, { binaries, current }: Found): boolean {
  if (paths.current === paths.binaries) return false;
  const file = binaries.get('etcdctl');
  return file === undefined || file.mode !== 0o755 || current !== paths.binaries;
}
