import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { isOlder, minorOf, newestOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import { groupedBy } from '../../problem/grouped.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, onlyIf, provision, remedy } from '../../problem/remedy.ts';
import { remedies } from '../refusing/remedies.ts';
import { runningVersion } from '../refusing/versions.ts';
import { downgradeUnderWay, goesDown } from './under-way.ts';
import { wayBack } from './way-back.ts';

/** Members of several minor versions beside each other, or a cluster that was told to go down: neither is meant to stay so. */
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
  if (oldest === undefined || newest === undefined) return [];
  const target = downgradeUnderWay(facts);
  const isMixed = changesMinor(oldest, newest);
  if (!isMixed && target === undefined) return [];
  const told = versions
    .map((one) => `${(groups.get(one) ?? []).map(({ name }) => name).join(', ')} with ${one}`)
    .join('; ');
  const about = running.filter((one) => one.version !== newest).map(({ name }) => name);
  if (target !== undefined)
    return [
      {
        ...{ kind: 'half-downgraded', about, severity: 'warn' },
        sentence: `a downgrade to ${minorOf(target)} is ${isMixed ? 'half done' : 'begun'}: ${told}`,
        next: waysOn(desired, facts, { target, newest, isMixed }),
      },
    ];
  const isMeant = !changesMinor(version, newest) && !isOlder(version, newest);
  return [
    {
      kind: 'half-upgraded',
      about,
      severity: 'warn',
      sentence: `an upgrade is half done: ${told}`,
      next: isMeant
        ? [remedies.up()]
        : [
            remedy`set etcd.version to ${newest}, then: ${provision('up', INVENTORY)}`,
            ...wayBack(desired, running),
          ],
    },
  ];
}

/** On or back, as the inventory says, and how to the other. */
function waysOn(
  { version }: Pick<DesiredCluster, 'version'>,
  facts: Pick<ClusterFacts, 'members'>,
  { target, newest, isMixed }: Ways,
): Proposal['next'] {
  const up = provision('up', INVENTORY);
  const cancels = isMixed
    ? 'which cancels it and brings those that were changed back'
    : 'which cancels it';
  if (goesDown({ version }, facts))
    return [
      remedies.up(),
      remedy`to go back: set etcd.version to ${newest}, then: ${up}, ${cancels}`,
    ];
  const on = remedy`to go on: set etcd.version to ${newestOf(minorOf(target))}, then: ${up}`;
  return changesMinor(version, newest) && isOlder(version, newest)
    ? [on, remedy`to go back: set etcd.version to ${newest}, then: ${up}, ${cancels}`]
    : [onlyIf(remedy`${up}, ${cancels}`, { kind: 'upWouldAct' }), on];
}

interface Ways {
  readonly target: string;
  readonly newest: string;
  readonly isMixed: boolean;
}
