import type { DesiredCluster } from '../../desired/cluster.ts';
import { OF_NOBODY } from '../../etcd/alarms.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { remedies } from '../refusing/remedies.ts';
import type { Replacing } from './replacing-state.ts';

/** The kind of that problem. */
export const UNSURE = 'corruption-unsure';

/**
 * Why it is not known that a member which etcd calls corrupt is the one that is wrong. An alarm says that it differs from
 * the leader, or from most; that it holds less, or wrong data, it does not say.
 */
export function uncertainCorruption(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  { name, former, ended }: Pick<Replacing, 'name' | 'former' | 'ended'>,
): readonly Proposal[] {
  const { members } = observed(cluster, facts);
  const own = members.find((one) => one.name === name);
  if (former === undefined || own?.answers !== true) return [];
  const others = members.filter((one) => one.name !== name);
  const why = ended.includes(former.id)
    ? uncertainty(
        own.found?.etcd.status?.revision,
        others.flatMap(({ found }) => found?.etcd.status?.revision ?? []),
      )
    : ended.includes(OF_NOBODY)
      ? NAMES_NOBODY
      : undefined;
  if (why === undefined) return [];
  return [
    {
      kind: UNSURE,
      about: [name],
      sentence: `${name} is not replaced: ${why}`,
      next: [
        remedies.saveOf(others.filter(({ answers }) => answers).map((one) => one.name)),
        remedies.replaceAllTheSame(name),
      ],
    },
  ];
}

const NAMES_NOBODY =
  'the corruption alarm names no member, so only what members hold says which one differs from the others';

/** From the revisions that the member and the others hold, as far as they say it. */
function uncertainty(own: number | undefined, others: readonly number[]): string | undefined {
  if (others.length < 2)
    return 'etcd calls it corrupt, but with one other member alone nobody can say which of the two is right';
  const most = Math.max(...others);
  if (own === undefined || own <= most) return undefined;
  return `etcd calls it corrupt, but it holds more than the others (revision ${own}, they ${most}): what that is, may be writes that they have lost`;
}
