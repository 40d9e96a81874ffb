import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor, upgradePath } from '../../etcd/upgrade-path.ts';
import { isOlder } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { lastVersion, runningVersion } from '../refusing/versions.ts';

/** From which version a cluster goes to that of its inventory, and over which. */
export interface UpgradePath {
  /** The oldest that a member runs. */
  readonly from: string;
  /** What members pass through, in order; the last is that of the inventory. */
  readonly versions: readonly string[];
  /** Whether members run several minor versions: an upgrade was cut off. */
  readonly isBegun: boolean;
}

/** Whether members run an older minor version than the inventory says. */
export function changesToLaterMinor(
  desired: Pick<DesiredCluster, 'version'>,
  facts: Facts,
): boolean {
  const oldest = oldestOf(facts);
  return (
    oldest !== undefined &&
    isOlder(oldest, desired.version) &&
    changesMinor(oldest, desired.version)
  );
}

type Facts = Pick<ClusterFacts, 'members'>;

/** The way to the version of the inventory. Nobody goes over a minor version that another member has left behind already. */
export function upgradePathOf(
  { version }: Pick<DesiredCluster, 'version'>,
  facts: Facts,
): UpgradePath {
  const from = oldestOf(facts) ?? version;
  const versions = upgradePath(from, version);
  const isBehind = (one: string) =>
    runningVersions(facts).some((other) => changesMinor(one, other) && isOlder(one, other));
  return {
    from,
    versions: versions.filter((one) => one === version || !isBehind(one)),
    isBegun: allFound(facts).some((found) => {
      const reached = lastVersion(found);
      return found.data?.used === true && reached !== undefined && changesMinor(reached, from);
    }),
  };
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
