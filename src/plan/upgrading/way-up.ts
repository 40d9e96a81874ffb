import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor, upgradePath } from '../../etcd/upgrade-path.ts';
import { isOlder } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { runningVersion } from '../refusing/versions.ts';

/** From which version a cluster goes to that of its inventory, and over which. */
export interface WayUp {
  /** The oldest that a member runs. */
  readonly from: string;
  /** What members pass through, in order; the last is that of the inventory. */
  readonly versions: readonly string[];
}

/** Whether members run an older minor version than the inventory says. */
export function goesUp(desired: Pick<DesiredCluster, 'version'>, facts: Facts): boolean {
  const oldest = oldestOf(facts);
  return (
    oldest !== undefined &&
    isOlder(oldest, desired.version) &&
    changesMinor(oldest, desired.version)
  );
}

type Facts = Pick<ClusterFacts, 'members'>;

/**
 * The way to the version of the inventory. Where a member has gone on to a later minor version already, the others follow
 * it at once: an upgrade that was cut off is finished.
 */
export function wayUp({ version }: Pick<DesiredCluster, 'version'>, facts: Facts): WayUp {
  const from = oldestOf(facts) ?? version;
  const versions = upgradePath(from, version);
  const [next = version] = versions;
  const isBegun = runningVersions(facts).some(
    (one) => changesMinor(one, from) && isOlder(next, one),
  );
  return { from, versions: isBegun ? versions.slice(-1) : versions };
}

/** The versions that members run, as far as they are known. */
export function runningVersions(facts: Facts): readonly string[] {
  return allFound(facts).flatMap((found) => runningVersion(found) ?? []);
}

function oldestOf(facts: Facts): string | undefined {
  return runningVersions(facts).reduce<string | undefined>(
    (oldest, one) => (oldest === undefined || isOlder(one, oldest) ? one : oldest),
    undefined,
  );
}
