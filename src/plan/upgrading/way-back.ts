import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { isOlder } from '../../etcd/versions.ts';
import { type Offered, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';

/**
 * How members that run a later minor version than the inventory's get the program of before again, as after a link that was
 * changed by hand. Nothing where nobody runs the inventory's version any more: the cluster takes the later one up once all
 * members serve it, and no earlier (etcd's cluster version is that of its oldest member).
 */
export function wayBack(
  { version, paths, unit }: Pick<DesiredCluster, 'version' | 'paths' | 'unit'>,
  running: readonly { readonly name: string; readonly version: string | undefined }[],
): readonly Offered[] {
  if (paths.current === paths.binaries) return [];
  const later = running.filter(
    (one) =>
      one.version !== undefined &&
      isOlder(version, one.version) &&
      changesMinor(version, one.version),
  );
  const isTakenUp = !running.some((one) => one.version === version);
  if (isTakenUp || later.length === 0) return [];
  return [
    remedy`if nobody meant to upgrade, one after another on ${later.map(({ name }) => name).join(', ')}: test -x ${quote(`${paths.binaries}/etcd`)} && ln -sfn ${quote(paths.binaries)} ${quote(paths.current)} && systemctl restart ${unit}`,
  ];
}
