import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { isOlder } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { groupedBy } from '../grouped.ts';
import { remedies } from '../refusing/remedies.ts';
import { runningVersion } from '../refusing/versions.ts';
import { wayBack } from './way-back.ts';

/** Members of several minor versions beside each other: they work together, and are not meant to stay so. */
export function halfUpgraded(
  desired: Pick<DesiredCluster, 'version' | 'paths' | 'unit'>,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Proposal[] {
  const { version } = desired;
  const running = foundMembers(facts).flatMap(([name, found]) => {
    const one = runningVersion(found);
    return one === undefined ? [] : [{ name, version: one }];
  });
  const groups = groupedBy(running, (one) => one.version);
  const versions = [...groups.keys()].toSorted((one, other) => (isOlder(one, other) ? -1 : 1));
  const [oldest, newest] = [versions.at(0), versions.at(-1)];
  if (oldest === undefined || newest === undefined || !changesMinor(oldest, newest)) return [];
  const told = versions.map(
    (one) => `${(groups.get(one) ?? []).map(({ name }) => name).join(', ')} with ${one}`,
  );
  const isMeant = !changesMinor(version, newest) && !isOlder(version, newest);
  return [
    {
      kind: 'half-upgraded',
      about: running.filter((one) => one.version !== newest).map(({ name }) => name),
      severity: 'warn',
      sentence: `an upgrade is half done: ${told.join('; ')}`,
      next: isMeant
        ? [remedies.up()]
        : [
            remedy`set etcd.version to ${newest}, then: ${provision('up', INVENTORY)}`,
            ...wayBack(desired, running),
          ],
    },
  ];
}
