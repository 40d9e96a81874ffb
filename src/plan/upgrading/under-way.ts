import type { DesiredCluster } from '../../desired/cluster.ts';
import { canGoBack, changesMinor } from '../../etcd/upgrade-path.ts';
import { isOlder } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { runningVersions } from './upgrade-path-of.ts';

type Facts = Pick<ClusterFacts, 'members'>;

/**
 * The version that the cluster was told to go down to, as long as a member runs a later one: `3.5.0`. Members up to 3.5 do
 * not tell. Behind the last member etcd ends it by itself, some seconds later (etcdserver, monitorDowngrade).
 */
export function downgradeUnderWay(facts: Facts): string | undefined {
  const target = allFound(facts).flatMap(({ etcd }) => etcd.status?.downgradeTo ?? [])[0];
  const isOver = (to: string) => runningVersions(facts).every((one) => !changesMinor(one, to));
  return target === undefined || isOver(target) ? undefined : target;
}

/**
 * Whether the inventory takes a cluster to the minor version before by etcd's own means: all members run a later one still,
 * or the cluster was told to go down to it. What is between two versions without that is an upgrade that is half done.
 */
export function goesDown({ version }: Pick<DesiredCluster, 'version'>, facts: Facts): boolean {
  const running = runningVersions(facts);
  const newest = newestOfAll(running);
  if (newest === undefined || !changesMinor(newest, version)) return false;
  if (!isOlder(version, newest) || !canGoBack(newest, version)) return false;
  const target = downgradeUnderWay(facts);
  return target === undefined
    ? running.every((one) => !changesMinor(one, newest))
    : !changesMinor(target, version);
}

/** The latest of some versions. */
export function newestOfAll(versions: readonly string[]): string | undefined {
  return versions.toSorted((one, other) => (isOlder(one, other) ? -1 : 1)).at(-1);
}
