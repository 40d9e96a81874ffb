import type { DesiredCluster } from '../desired/cluster.ts';
import { namelessAlarms, OF_NOBODY, readAlarms } from '../etcd/alarms.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { alarmsOf } from './alarms.ts';
import { allFound, withFound } from './found.ts';
import { observed } from './observed.ts';

/** Whom the corruption alarms of a cluster name, whichever member says it. */
export interface CorruptionAlarms {
  /** Members that are in etcd's list, or may be where nobody tells it. */
  readonly members: readonly { readonly id: string; readonly name: string | undefined }[];
  /** Ids that are not in the list: their alarms stand until somebody disarms them. */
  readonly former: readonly string[];
  /** etcd found that members differ, and does not say which one is wrong. */
  readonly isOfNobody: boolean;
  /** There is one, and users only are told of which member. */
  readonly isWithheld: boolean;
}

/** The corruption alarms that members tell of. */
export function corruptionAlarms(
  cluster: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): CorruptionAlarms {
  const { members, list } = observed(cluster, facts);
  const all = allFound(facts);
  const ids = alarmsOf(facts).flatMap(({ kind, memberId }) =>
    kind === 'CORRUPT' ? [memberId] : [],
  );
  const named = ids.filter((id) => id !== OF_NOBODY);
  const isFormer = (id: string) => list?.members.every((one) => one.id !== id) === true;
  const nameOf = (id: string) =>
    members.find(({ listed, found }) => listed?.id === id || found?.etcd.status?.memberId === id)
      ?.name;
  return {
    members: named.filter((id) => !isFormer(id)).map((id) => ({ id, name: nameOf(id) })),
    former: named.filter(isFormer),
    isOfNobody: ids.includes(OF_NOBODY),
    isWithheld: ids.length === 0 && namelessAlarms(all).includes('CORRUPT'),
  };
}

/**
 * The ids of alarms that end when a member is removed, or nobody, and those that stay hold the same; none where an alarm of a
 * member that stays would be left, or may be.
 */
export function alarmsEndedWithout(
  cluster: Pick<DesiredCluster, 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
  removed: string | undefined,
): readonly string[] {
  const { members, former, isOfNobody, isWithheld } = corruptionAlarms(cluster, facts);
  if (isWithheld || members.some(({ id }) => id !== removed)) return [];
  return [...members.map(({ id }) => id), ...former, ...(isOfNobody ? [OF_NOBODY] : [])];
}

/** The facts as they will be once the alarms of these members are disarmed. */
export function withoutAlarms<Facts extends Pick<ClusterFacts, 'members'>>(
  facts: Facts,
  ids: readonly string[],
): Facts {
  if (ids.length === 0) return facts;
  const isOver = (error: string) => {
    const alarms = readAlarms(error);
    return alarms.length > 0 && alarms.every(({ memberId }) => ids.includes(memberId));
  };
  return withFound(facts, (found) => {
    const { status } = found.etcd;
    if (status === undefined) return found;
    const errors = status.errors.filter((error) => !isOver(error));
    return { ...found, etcd: { ...found.etcd, status: { ...status, errors } } };
  });
}
